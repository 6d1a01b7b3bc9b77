/** The process that the command line runs in. */

import { PIN_VARIABLE } from "../runtime/children.ts";
import { inheritedPin } from "../runtime/own_environment.ts";
import type { Host } from "./command.ts";

const pin = inheritedPin();

export const processHost: Host = {
  // A preload that imported the package has set the pin of this process, which binds its children.
  env: pin === process.env[PIN_VARIABLE] ? process.env : { ...process.env, [PIN_VARIABLE]: pin },
  cwd: process.cwd(),
  /** The console writes at once and needs no module. */
  write(stream, line) {
    if (stream === "stdout") console.log(line);
    else console.error(line);
  },
  overwrite(text) {
    process.getBuiltinModule("node:fs").writeSync(2, `\r\u001b[K${text}`);
  },
  // Of Bun's own look, either stream may be the terminal: a pipe is none, nor is a file.
  showsColors: () =>
    typeof Bun === "undefined"
      ? process.stdout.isTTY
      : Bun.enableANSIColors &&
        process.getBuiltinModule("node:fs").fstatSync(1).isCharacterDevice(),
  // node:tty takes longer to load than most commands run.
  isTerminal: (descriptor) => process.getBuiltinModule("node:tty").isatty(descriptor),
  confirm: async (question) => (await import("./prompt/confirm.ts")).confirm(question),
  askSecret: async (question) => (await import("./prompt/secret.ts")).askSecret(question),
  now: () => new Date(),
  companion: async (name, take) => {
    const { installedCompanion } = await import("./companions.ts");
    return installedCompanion(name, take);
  },
};
