/** Windows on x64, by Wine. */

import { copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Platform } from "./platform.ts";
import { bunFor, must, needDebian, nodeFor, ROOT, run, type Target, TOOLS } from "./tools.ts";

const TARGET: Target = { os: "win32", cpu: "x64" };
const WINE = "/usr/lib/wine/wine64";

const bun: Platform = {
  name: "Windows x64, Bun 1.4.5",
  id: "windows",
  target: TARGET,
  parts: ["programs", "commands", "builds", "writers"],
  how: "Debian's Wine 8",
  prepare: () => {
    const env = wine();
    const program = bunFor(TARGET, "1.4.5");
    addRandomness(dirname(program));
    return { command: [WINE, program], env, seen: windowsPath };
  },
};

const node: Platform = {
  name: "Windows x64, Node 22.12.0",
  id: "windows-node",
  target: TARGET,
  parts: ["programs", "commands"],
  how: "Debian's Wine 8, which is older than the Windows that Node asks for",
  prepare: () => ({
    command: [WINE, nodeFor(TARGET, "22.12.0")],
    env: { ...wine(), NODE_SKIP_PLATFORM_CHECK: "1" },
    seen: windowsPath,
  }),
};

export const WINDOWS: readonly Platform[] = [bun, node];

/** @returns its environment, made where it was not there yet */
function wine(): { WINEPREFIX: string; WINEDEBUG: string } {
  needDebian({ [WINE]: "wine64" });
  const env = { WINEPREFIX: join(TOOLS, "wine-prefix"), WINEDEBUG: "-all" };
  // It says what it misses for 32-bit programs, and ends well.
  if (!existsSync(join(env.WINEPREFIX, "system.reg"))) {
    run([WINE, "wineboot", "-i"], { env: { ...process.env, ...env } });
  }
  return env;
}

function windowsPath(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}

/** The library goes beside the program, where Windows looks first. */
function addRandomness(folder: string): void {
  const name = "bcryptprimitives";
  if (existsSync(join(folder, `${name}.dll`))) return;
  const zig = join(ROOT, "node_modules", ".bin", "zig");
  const source = join(import.meta.dir, `wine_${name}.zig`);
  const words = ["-dynamic", "-target", "x86_64-windows-gnu", "-O", "ReleaseSafe", "--name", name];
  must([zig, "build-lib", ...words, source], { cwd: TOOLS });
  copyFileSync(join(TOOLS, `${name}.dll`), join(folder, `${name}.dll`));
}
