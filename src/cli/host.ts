/** The process that the command line runs in. */

import type { Host } from "./main.ts";

export const processHost: Host = {
  env: process.env,
  cwd: process.cwd(),
  /** The console writes at once and needs no module. */
  write(stream, line) {
    if (stream === "stdout") console.log(line);
    else console.error(line);
  },
  overwrite(text) {
    process.getBuiltinModule("node:fs").writeSync(2, `\r\u001b[K${text}`);
  },
  // node:tty takes longer to load than most commands run.
  isTerminal: (descriptor) => process.getBuiltinModule("node:tty").isatty(descriptor),
  confirm: async (question) => (await import("./prompt/confirm.ts")).confirm(question),
  now: () => new Date(),
};
