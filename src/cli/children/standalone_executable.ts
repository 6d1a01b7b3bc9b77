/** Which program runs this command. */

import { isEmbedded } from "../../runtime/program.ts";

/** The running executable, when immuconfig was compiled into it. */
export function standaloneExecutable(): string | undefined {
  return typeof Bun !== "undefined" && isEmbedded(Bun.main) ? process.execPath : undefined;
}
