/**
 * How the key that signs is named on a command line. Apart from the keys themselves (own_keys.ts), whose
 * modules take longer to load than most commands run.
 */

import { type CommandArguments, type OptionSpec, parseNumber } from "../args/arguments.ts";

/** How a key is named and opened. */
export interface KeyRequest {
  /** A name, a key id, a public key, or the comment of one in ssh-agent. */
  readonly key?: string | undefined;
  /** The descriptor from which the passphrase is read. */
  readonly passphraseFd?: number | undefined;
}

export const KEY_OPTIONS = {
  key: { value: "KEY", summary: "the key that signs: its name or id" },
  "passphrase-fd": { value: "N", summary: "read the passphrase from this file descriptor" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export function keyRequest(args: CommandArguments): KeyRequest {
  const fd = args.value("passphrase-fd");
  return {
    key: args.value("key"),
    passphraseFd: fd === undefined ? undefined : parseNumber(fd, "file descriptor"),
  };
}
