/** What the benches install for themselves, so that it never enters the product's dependencies. */

import { existsSync } from "node:fs";
import { join } from "node:path";

const benches = join(import.meta.dir, "..");
export const PEER_MODULES = join(benches, "node_modules");

/** All of them are installed when a bench first needs one. @throws where they cannot be */
export function requirePeer(name: string): void {
  if (existsSync(join(PEER_MODULES, name))) return;
  if (process.stderr.isTTY) console.error("bench: installing what is measured beside immuconfig");
  const run = Bun.spawnSync([process.execPath, "install", "--frozen-lockfile"], {
    cwd: benches,
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (run.exitCode !== 0) throw new Error(`bench: ${name}: ${run.stderr.toString()}`);
}
