/** What `bun-config` itself answers, without a command: its version and the help. */

import { version } from "../../package.json";
import { parseArguments, type OptionSpec } from "./args/arguments.ts";
import { loadCommand, type Loading, noCommand } from "./listing.ts";
import { commandHelp, overview } from "./output/help.ts";
import type { Output } from "./output/output.ts";
import { isCommand } from "./table.ts";

const OPTIONS = {
  version: { short: "v", summary: "print the version of immuconfig" },
} as const satisfies Record<string, OptionSpec>;

interface ProgramWords {
  /** The options before the first operand. */
  readonly leading: readonly string[];
  /** The first operand. */
  readonly name: string | undefined;
  /** What follows it. */
  readonly rest: readonly string[];
}

/**
 * @returns false when a command is to run
 * @throws ImmuconfigError `ERR_USAGE`
 */
export async function answerProgram(
  { leading, name, rest }: ProgramWords,
  out: Output,
  host: Loading,
): Promise<boolean> {
  if (parseArguments(leading, OPTIONS).has("version")) {
    out.data({ version }, version);
    return true;
  }
  if (isCommand(name)) return false;
  if (name !== undefined && name !== "help") throw noCommand(name);
  await printHelp(
    rest.find((word) => !word.startsWith("-")),
    out,
    host,
  );
  return true;
}

/** @param name of a command; nothing for the list of them */
export async function printHelp(
  name: string | undefined,
  out: Output,
  host: Loading,
): Promise<void> {
  const text = name === undefined ? overview() : commandHelp(await loadCommand(name, host));
  out.data({ help: text }, text);
}
