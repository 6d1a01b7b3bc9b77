/**
 * Vite's development server in a process that has `Bun.config`: argv 2 is the root, 3 the record, 4 the
 * record that takes its place. Prints the module before, and once it is another one.
 */

import { renameSync } from "node:fs";
import { createServer } from "vite";
import { immuconfig } from "../../../src/bundle/adapters/vite.ts";

const [root = "", file = "", next = ""] = process.argv.slice(2);
const server = await createServer({
  root,
  configFile: false,
  logLevel: "silent",
  server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
  plugins: [immuconfig({ file })],
});
await server.listen();

/** While it starts again, it has no address, or nobody answers there. */
async function read(): Promise<string> {
  try {
    const url = new URL("/main.ts", server.resolvedUrls?.local[0]);
    return await (await fetch(url)).text();
  } catch {
    return "";
  }
}

const before = await read();
renameSync(next, file);
let after = before;
while (after === before || after === "") {
  await Bun.sleep(50);
  after = await read();
}
console.log(JSON.stringify({ before, after }));
await server.close();
process.exit(0);
