/** Runs when the sources are bundled or loaded: the driver is one text inside the command. */

import { join } from "node:path";

/** The text of program.ts with all that it imports. */
export function driverProgram(): string {
  const command = ["build", join(import.meta.dir, "program.ts"), "--target=node", "--minify"];
  const build = Bun.spawnSync([process.execPath, "--config=/dev/null", ...command], {
    cwd: import.meta.dir,
    env: { PATH: process.env["PATH"] ?? "" },
    stderr: "pipe",
  });
  if (build.exitCode === 0) return build.stdout.toString();
  throw new Error(`the driver cannot be built: ${build.stderr.toString()}`);
}
