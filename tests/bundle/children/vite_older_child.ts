/**
 * Vite 5's development server: argv 2 is the root, which has the record. Prints a module and a package as the
 * browser gets them, and what a module says on the server.
 */

import { createLogger, createServer, type Plugin } from "vite-5";
import { immuconfig } from "../../../src/bundle/adapters/vite.ts";

const [root = ""] = process.argv.slice(2);
const faults: string[] = [];
const server = await createServer({
  root,
  configFile: false,
  customLogger: { ...createLogger("silent"), error: (text) => void faults.push(text) },
  cacheDir: "older",
  server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
  // The types are those of another release.
  plugins: immuconfig() as unknown as Plugin[],
});
await server.listen();
const read = async (path: string): Promise<string> =>
  await (await fetch(new URL(path, server.resolvedUrls?.local[0]))).text();
const main = await read("/main.ts");
const flagged = await read(/"(\/[^"]*flagged[^"]*)"/.exec(main)?.[1] ?? "");
const { answer } = (await server.ssrLoadModule("/answer.ts")) as { answer: string };
console.log(JSON.stringify({ main, flagged, answer, faults }));
await server.close();
process.exit(0);
