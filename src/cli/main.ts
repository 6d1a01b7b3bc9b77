/** Finds the command, runs it, and turns what it throws into words and an exit code. */

import { inheritedPin, PIN_VARIABLE } from "../runtime/children.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import {
  type CommandArguments,
  GLOBAL_OPTIONS,
  type OptionSpec,
  parseArguments,
  usageError,
} from "./args/arguments.ts";
import type { Command, Context } from "./command.ts";
import { EXIT } from "./output/exit_codes.ts";
import { Output } from "./output/output.ts";
import { reportError } from "./output/report_error.ts";
import { isTerminal } from "./output/terminals.ts";

export type CommandLoaders = Readonly<Record<string, () => Promise<Command>>>;

/**
 * @param words of the command line, after the program's name
 * @param commands by name
 * @returns the exit code
 */
export async function main(words: readonly string[], commands: CommandLoaders): Promise<number> {
  const own = new Set(words.slice(0, separatorIndex(words)));
  const out = new Output({
    json: own.has("--json"),
    quiet: own.has("--quiet") || own.has("-q"),
    color: own.has("--no-color") ? "never" : "auto",
    env: process.env,
  });
  try {
    return await dispatch(words, commands, out);
  } catch (error) {
    return reportError(error, out);
  }
}

async function dispatch(
  words: readonly string[],
  commands: CommandLoaders,
  out: Output,
): Promise<number> {
  const { leading, name, rest } = splitWords(words);
  let command: Command | undefined;
  try {
    const own = parseArguments(leading, PROGRAM_OPTIONS);
    if (own.has("version")) {
      const { version } = await import("../../package.json");
      out.data({ version }, version);
      return EXIT.done;
    }
    if (name === undefined || name === "help") {
      return await help(rest.find(isOperand), commands, out);
    }
    command = await findCommand(name, commands);
    const args = parseFor(command, [...leading, ...rest]);
    if (args.has("help")) return await help(command.name, commands, out);
    return (await command.run(createContext(out), args)) ?? EXIT.done;
  } catch (error) {
    throw withUsageHint(error, command);
  }
}

const PROGRAM_OPTIONS = {
  version: { type: "boolean", short: "v", summary: "print the version of immuconfig" },
} as const satisfies Record<string, OptionSpec>;

interface SplitWords {
  /** Options before the command's name. */
  readonly leading: readonly string[];
  readonly name: string | undefined;
  readonly rest: readonly string[];
}

/** Options that every command takes may stand before its name, too. */
function splitWords(words: readonly string[]): SplitWords {
  let index = 0;
  for (let word = words[0]; word !== undefined && !isOperand(word); word = words[index]) {
    if (word === "--") break;
    index += takesNextWord(word) ? 2 : 1;
  }
  const rest = words.slice(words[index] === "--" ? index + 1 : index);
  return { leading: words.slice(0, index), name: rest[0], rest: rest.slice(1) };
}

function isOperand(word: string): boolean {
  return !word.startsWith("-");
}

function takesNextWord(word: string): boolean {
  const name = word.slice(2);
  return Object.entries(GLOBAL_OPTIONS).some(
    ([key, { type }]) => key === name && type === "string",
  );
}

/** Where a mistake in the words says no more, the help does. */
function withUsageHint(error: unknown, command: Command | undefined): unknown {
  if (!(error instanceof ImmuconfigError)) return error;
  if (error.code !== "ERR_USAGE" || error.hint !== undefined) return error;
  const { message, cause } = error;
  const words = command === undefined ? "" : ` ${command.name}`;
  return new ImmuconfigError("ERR_USAGE", message, {
    hint: `See \`bun-config${words} --help\`.`,
    cause,
  });
}

function createContext(out: Output): Context {
  return {
    env: { ...process.env, [PIN_VARIABLE]: inheritedPin(process.env) },
    cwd: process.cwd(),
    out,
    get interactive() {
      return isTerminal(0) && isTerminal(2);
    },
    now: () => new Date(),
  };
}

/** A command that passes words through reads its own options only before `--`. */
function parseFor(command: Command, words: readonly string[]): CommandArguments {
  const options = command.options ?? {};
  const { passesThrough = false, takesCommand = false } = command;
  if (!passesThrough && !takesCommand) return parseArguments(words, options);
  const separator = separatorIndex(words);
  const own = parseArguments(words.slice(0, separator), options);
  if (takesCommand) return own.withCommand(words.slice(separator + 1));
  if (own.operands.length > 0) {
    throw usageError(
      `${JSON.stringify(own.operands[0])} stands before the two dashes`,
      `Write: bun-config ${command.name} ${command.usage[0] ?? ""}`,
    );
  }
  return own.withOperands(words.slice(separator + 1));
}

/** Where the words end that are for us. */
function separatorIndex(words: readonly string[]): number {
  const index = words.indexOf("--");
  return index === -1 ? words.length : index;
}

async function findCommand(name: string, commands: CommandLoaders): Promise<Command> {
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load !== undefined) return load();
  throw usageError(
    `there is no command ${JSON.stringify(name)}`,
    `${didYouMean(name, Object.keys(commands))}See \`bun-config --help\`.`,
  );
}

async function help(
  name: string | undefined,
  commands: CommandLoaders,
  out: Output,
): Promise<number> {
  const { commandHelp, overview } = await import("./output/help.ts");
  const text =
    name === undefined
      ? overview(await Promise.all(Object.values(commands).map((load) => load())))
      : commandHelp(await findCommand(name, commands));
  out.data({ help: text }, text);
  return EXIT.done;
}
