/** Finds the command, runs it, and turns what it throws into words and an exit code. */

import { isatty } from "node:tty";
import { ImmuconfigError } from "../errors.ts";
import { inheritedPin, PIN_VARIABLE } from "../runtime/pin.ts";
import { didYouMean } from "../suggest.ts";
import { CommandArguments, parseArguments, usageError } from "./arguments.ts";
import type { Command, Context } from "./command.ts";
import { COMMANDS } from "./command_list.ts";
import { EXIT, EXIT_OF_ERROR } from "./exit_codes.ts";
import { Output, wantsColor } from "./output.ts";

/**
 * @param words of the command line, after the program's name
 * @returns the exit code
 */
export async function main(words: readonly string[]): Promise<number> {
  const out = new Output({
    json: words.includes("--json"),
    quiet: words.includes("--quiet") || words.includes("-q"),
    color: !words.includes("--no-color") && wantsColor(process.env, isatty(1)),
  });
  try {
    return await dispatch(words, out);
  } catch (error) {
    return report(error, out);
  }
}

async function dispatch(words: readonly string[], out: Output): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    return help(rest[0], out);
  }
  if (name === "--version" || name === "-v") {
    const { version } = await import("../../package.json");
    out.data({ version }, version);
    return EXIT.done;
  }
  const command = await findCommand(name);
  const args = parseFor(command, rest);
  if (args.has("help")) return help(command.name, out);
  const context: Context = {
    env: { ...process.env, [PIN_VARIABLE]: inheritedPin(process.env) },
    cwd: process.cwd(),
    out,
    interactive: isatty(0) && isatty(2),
    now: () => new Date(),
  };
  return (await command.run(context, args)) ?? EXIT.done;
}

/** A command that passes words through reads its own options only before the first operand. */
function parseFor(command: Command, words: readonly string[]): CommandArguments {
  const options = command.options ?? {};
  if (command.passesThrough !== true) return parseArguments(words, options);
  const separator = words.indexOf("--");
  if (separator === -1) return parseArguments(words, options);
  const own = parseArguments(words.slice(0, separator), options);
  return own.withOperands(words.slice(separator + 1));
}

async function findCommand(name: string): Promise<Command> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load !== undefined) return load();
  throw usageError(
    `there is no command ${JSON.stringify(name)}`,
    `${didYouMean(name, Object.keys(COMMANDS))}See \`bun-config --help\`.`,
  );
}

async function help(name: string | undefined, out: Output): Promise<number> {
  const { commandHelp, overview } = await import("./help.ts");
  const text =
    name === undefined
      ? overview(await Promise.all(Object.values(COMMANDS).map((load) => load())))
      : commandHelp(await findCommand(name));
  out.data({ help: text }, text);
  return EXIT.done;
}

function report(error: unknown, out: Output): number {
  if (error instanceof ImmuconfigError) {
    out.error(error);
    return EXIT_OF_ERROR[error.code];
  }
  const message = error instanceof Error ? error.message : String(error);
  out.error(
    new ImmuconfigError("ERR_SUBPROCESS", `unexpected: ${message}`, {
      hint: "This is a fault of immuconfig. Run again with IMMUCONFIG_DEBUG=1 and report it.",
    }),
  );
  if (process.env["IMMUCONFIG_DEBUG"] === "1") console.error(error);
  return EXIT.failed;
}
