/** What a command is, and what it is given. */

import type { Environment } from "../base/environment.ts";
import type { CommandArguments, OptionSpec } from "./args/arguments.ts";
import type { Output } from "./output/output.ts";

/** All that a command may know of the outside. */
export interface Context {
  /** The environment, with `IMMUCONFIG_PIN` as a parent process set it. */
  readonly env: Environment;
  /** The working folder, absolute. */
  readonly cwd: string;
  readonly out: Output;
  /** Standard input is a terminal that can answer questions. */
  readonly interactive: boolean;
  readonly now: () => Date;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, one line a form: `["NAME… [--define]"]`. */
  readonly usage: readonly string[];
  readonly options?: Readonly<Record<string, OptionSpec>>;
  /** Words that may follow the name, for completions. */
  readonly words?: readonly string[];
  /** Names of flags may follow, each behind this: `features.`; for completions. */
  readonly flagPrefix?: string;
  /** Names of files may follow; for completions. */
  readonly takesFiles?: boolean;
  readonly examples: readonly string[];
  /** All that follows the name is handed on unread, but for global options before it. */
  readonly passesThrough?: boolean;
  /** What follows `--` is a command to run, apart from the operands before it. */
  readonly takesCommand?: boolean;
  /** @returns the exit code; nothing means 0 */
  run(context: Context, args: CommandArguments): Promise<number | void> | number | void;
}
