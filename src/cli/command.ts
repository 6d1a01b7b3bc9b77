/** What a command is, and what it is given. */

import type { Environment } from "../base/environment.ts";
import type { CommandArguments, OptionSpec } from "./args/arguments.ts";
import type { Companion } from "./companions.ts";
import type { Output, Terminal } from "./output/output.ts";

/** All that a command may know of the outside. */
export interface Context {
  /** The environment, with `IMMUCONFIG_PIN` as a parent process set it. */
  readonly env: Environment;
  /** The working folder, absolute. */
  readonly cwd: string;
  /** The value of `--file`. */
  readonly file: string | undefined;
  readonly out: Output;
  /** Standard input is a terminal that can answer questions. */
  readonly interactive: boolean;
  /**
   * Asks on the terminal.
   *
   * @param question without its `[y/N]`
   */
  readonly confirm: (question: string) => Promise<boolean>;
  /**
   * Asks on the terminal for what must not be seen.
   *
   * @param question as it is printed
   */
  readonly askSecret: (question: string) => Promise<string>;
  readonly now: () => Date;
  readonly companion: Companion;
}

/** What surrounds the command line: a test's own, or the process (host.ts). */
export type Host = Terminal &
  Pick<Context, "env" | "cwd" | "confirm" | "askSecret" | "now" | "companion">;

/**
 * A command: its words are parsed apart from its work, so that each can be tested without the
 * other. Its name stands in table.ts, its line of the help in listing.ts.
 */
export interface Command<Request = unknown> {
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
  /** Options that are none of its own are handed on with the operands, in their order. */
  readonly forwards?: boolean;
  /** What follows `--` is a command to run, apart from the operands before it. */
  readonly takesCommand?: boolean;
  /**
   * Pure: from words to what is asked for.
   *
   * @throws ImmuconfigError `ERR_USAGE`, `ERR_VALUE`
   */
  parse(args: CommandArguments): Request;
  /** @returns the exit code; nothing means 0 */
  run(context: Context, request: Request): Promise<number | void> | number | void;
}
