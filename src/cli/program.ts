/** What `bun-config` itself answers, without a command: its version and the help. */

import { version } from "../../package.json";
import { parseArguments, type OptionSpec } from "./args/arguments.ts";
import { LISTING, loadCommand, noCommand } from "./listing.ts";
import { commandHelp, overview } from "./output/help.ts";
import type { Output } from "./output/output.ts";
import { isCommand } from "./table.ts";

const OPTIONS = {
  version: { type: "boolean", short: "v", summary: "print the version of immuconfig" },
} as const satisfies Record<string, OptionSpec>;

/**
 * @param leading the options before the first operand
 * @param name the first operand
 * @param rest what follows it
 * @returns false when a command is to run
 * @throws ImmuconfigError `ERR_USAGE`
 */
export async function answerProgram(
  leading: readonly string[],
  name: string | undefined,
  rest: readonly string[],
  out: Output,
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
  );
  return true;
}

/** @param name of a command; nothing for the list of them */
export async function printHelp(name: string | undefined, out: Output): Promise<void> {
  const text = name === undefined ? overview(LISTING) : commandHelp(await loadCommand(name));
  out.data({ help: text }, text);
}
