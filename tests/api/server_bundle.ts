/** The server as it is built, with PREMIUM_TYPES and without. */

import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..", "..");
const ENTRIES = [
  "api/server.ts",
  "api/db/sqlite_worker.ts",
  "api/workers/worker.ts",
  "api/ledgers/build_child.ts",
];

/**
 * Builds the server, its threads and its page as the release does.
 *
 * @param folder an empty one
 * @returns the path of the server's module
 */
export async function buildServer(folder: string, features: readonly string[]): Promise<string> {
  const dist = join(folder, "dist");
  mkdirSync(dist);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const src = join(root, "src");
  await Bun.build({
    entrypoints: ENTRIES.map((path) => join(src, path)),
    root: src,
    outdir: dist,
    target: "bun",
    packages: "external",
    features: [...features],
  });
  await Bun.build({
    entrypoints: [join(src, "api/dashboard/index.html")],
    outdir: join(dist, "api/dashboard"),
    publicPath: "/",
    minify: true,
    features: [...features],
  });
  return join(dist, "api", "server.js");
}
