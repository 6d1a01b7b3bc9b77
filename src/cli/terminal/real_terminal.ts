/** The terminal that this process runs in: laid bare for another one inside it, and put back. */

import { spawnSync } from "node:child_process";
import { isatty } from "node:tty";
import { ImmuconfigError } from "../../base/errors.ts";

const STDIN = 0;
const STDOUT = 1;
const STTY_TIMEOUT_MS = 5000;

/**
 * Makes the real terminal pass every byte on as it is, both ways. Bun's own raw mode would still
 * change line feeds, so stty(1) does it, which also knows how to put everything back.
 *
 * @returns how to put it back; may be called twice
 * @throws ImmuconfigError `ERR_SUBPROCESS` when stty fails
 */
export function layBare(): () => void {
  // With another standard input, only the output's line feeds are in the way.
  const [descriptor, settings] = isatty(STDIN)
    ? ([STDIN, ["raw", "-echo"]] as const)
    : ([STDOUT, ["-opost"]] as const);
  if (!isatty(descriptor)) return () => undefined;
  const before = stty(descriptor, ["-g"]).trim();
  let isBare = true;
  const restore = (): void => {
    if (!isBare) return;
    isBare = false;
    stty(descriptor, [before]);
  };
  try {
    stty(descriptor, settings);
  } catch (error) {
    restore();
    throw error;
  }
  return restore;
}

/** @param descriptor of a terminal */
function stty(descriptor: number, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync("stty", [...words], {
    stdio: [descriptor, "pipe", "pipe"],
    encoding: "utf8",
    timeout: STTY_TIMEOUT_MS,
  });
  if (status === 0) return stdout;
  throw new ImmuconfigError(
    "ERR_SUBPROCESS",
    `stty ${words.join(" ")} failed: ${error?.message ?? stderr.trim()}`,
    { hint: "The program stty, of coreutils or busybox, must be on the PATH.", cause: error },
  );
}
