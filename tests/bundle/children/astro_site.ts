/** Builds or serves the Astro site in the working folder, in which Astro leaves files. */

import { build, dev, type AstroInlineConfig } from "astro";
import { immuconfig } from "../../../src/bundle/adapters/vite.ts";

const config: AstroInlineConfig = {
  root: process.cwd(),
  configFile: false,
  logLevel: "silent",
  devToolbar: { enabled: false },
  server: { port: 0, host: "127.0.0.1" },
  vite: { plugins: [immuconfig()] },
};

/** Prints the page, and the script that it loads. */
async function serve(): Promise<void> {
  const server = await dev(config);
  try {
    const origin = `http://127.0.0.1:${server.address.port}`;
    const page = await (await fetch(origin)).text();
    const script = /<script type="module" src="([^"]*type=script[^"]*)"/.exec(page)?.[1] ?? "";
    const code = await (await fetch(new URL(script, origin))).text();
    console.log(JSON.stringify({ page, code }));
  } finally {
    await server.stop();
  }
}

try {
  await (process.argv[2] === "dev" ? serve() : build(config));
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
