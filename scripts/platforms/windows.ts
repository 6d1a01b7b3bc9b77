/** Windows on x64, by Wine. */

import { copyFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Platform } from "./platform.ts";
import { bunFor, must, needDebian, ROOT, run, type Target, TOOLS } from "./tools.ts";

const TARGET: Target = { os: "win32", cpu: "x64" };
const WINE = "/usr/lib/wine/wine64";

export const WINDOWS: Platform = {
  name: "Windows x64, Bun 1.4.5",
  id: "windows",
  target: TARGET,
  parts: ["programs", "builds"],
  how: "Debian's Wine 8",
  prepare: () => {
    needDebian({ [WINE]: "wine64" });
    const program = bunFor(TARGET, "1.4.5");
    addRandomness(dirname(program));
    const env = { WINEPREFIX: join(TOOLS, "wine-prefix"), WINEDEBUG: "-all" };
    // It says what it misses for 32-bit programs, and ends well.
    if (!existsSync(join(env.WINEPREFIX, "system.reg"))) {
      run([WINE, "wineboot", "-i"], { env: { ...process.env, ...env } });
    }
    return { command: [WINE, program], env, seen: windowsPath };
  },
};

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
