/** Finds the command, runs it, and turns what it throws into words and an exit code. */

import { inheritedPin, PIN_VARIABLE } from "../runtime/pin_variable.ts";
import { didYouMean } from "../suggest.ts";
import { CommandArguments, parseArguments, usageError } from "./arguments.ts";
import type { Command, Context } from "./command.ts";
import { EXIT } from "./exit_codes.ts";
import { Output } from "./output.ts";
import { reportError } from "./report_error.ts";
import { isTerminal } from "./terminals.ts";

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
  const [name, ...rest] = words;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    return help(rest[0], commands, out);
  }
  if (name === "--version" || name === "-v") {
    const { version } = await import("../../package.json");
    out.data({ version }, version);
    return EXIT.done;
  }
  const command = await findCommand(name, commands);
  const args = parseFor(command, rest);
  if (args.has("help")) return help(command.name, commands, out);
  return (await command.run(createContext(out), args)) ?? EXIT.done;
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
  const { commandHelp, overview } = await import("./help.ts");
  const text =
    name === undefined
      ? overview(await Promise.all(Object.values(commands).map((load) => load())))
      : commandHelp(await findCommand(name, commands));
  out.data({ help: text }, text);
  return EXIT.done;
}
