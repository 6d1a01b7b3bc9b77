/** A page of a development server has one state, whatever is saved while the record changes. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { appendFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const PLUGIN = join(REPOSITORY, "src", "bundle", "adapters", "serve.ts");

test("with hot reloading, a flip waits for the next start", async () => {
  const root = temporaryFolder();
  writeFiles(root, {
    "bunfig.toml": `[serve.static]\nplugins = [${JSON.stringify(PLUGIN)}]\n`,
    "server.ts": `import page from "./page.html";
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", development: true, routes: { "/": page } });
console.log(server.url.href);
`,
    "page.html": '<!doctype html><script type="module" src="./page.tsx"></script>',
    "page.tsx": `import { feature } from "bun:bundle";
import { config } from "immuconfig";
import { second } from "./second";
if (feature("ON")) console.log("first-on"); else console.log("first-off");
console.log("version-" + config.version);
second();
`,
    "second.ts": `import { feature } from "bun:bundle";
export function second() { console.log(feature("ON") ? "second-on" : "second-off"); }
`,
  });
  mkdirSync(join(root, "node_modules"));
  symlinkSync(REPOSITORY, join(root, "node_modules", "immuconfig"));
  const record = join(root, "bunfig.lockb");
  writeRecord(record, { ON: {} });
  const server = Bun.spawn([BUN, "server.ts"], { cwd: root, stdout: "pipe", stderr: "pipe" });
  try {
    const url = (await Array.fromAsync(firstLine(server.stdout))).join("");
    const script = async (): Promise<string> => {
      const page = await (await fetch(url)).text();
      const path = /src="([^"]+)"/.exec(page)?.[1] ?? "";
      return await (await fetch(new URL(path, url))).text();
    };
    const states = (text: string): string[] =>
      ["first", "second"].map((name) => stateOf(text, name));
    expect(states(await script())).toEqual(["off", "off"]);
    writeRecord(record, { ON: { enabled: true } });
    appendFileSync(join(root, "second.ts"), 'console.log("saved-now");\n');
    let text = await script();
    for (let count = 0; count < 100 && !text.includes("saved-now"); count++) {
      await Bun.sleep(20);
      text = await script();
    }
    expect(new Set(states(text)).size).toBe(1);
  } finally {
    server.kill();
    await server.exited;
  }
});

function stateOf(text: string, name: string): string {
  const on = text.includes(`${name}-on`);
  const off = text.includes(`${name}-off`);
  if (on !== off) return on ? "on" : "off";
  // Bun may keep a choice between two literals: its test says which.
  const value = new RegExp(String.raw`(!0|!1|true|false)\s*(?:\)|\?)[^;]*${name}-on`).exec(
    text,
  )?.[1];
  return value === "!0" || value === "true" ? "on" : "off";
}

async function* firstLine(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const text = decoder.decode(chunk, { stream: true });
    yield text.split("\n", 1)[0] ?? "";
    if (text.includes("\n")) return;
  }
}
