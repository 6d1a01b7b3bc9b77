/** Finds the command, runs it, and turns what it throws into words and an exit code. */

import { EXIT } from "../base/exit_codes.ts";
import { requireBun } from "../base/bun_version.ts";
import { quote } from "../base/text.ts";
import {
  type CommandArguments,
  parseArguments,
  parseForwarded,
  usageError,
} from "./args/arguments.ts";
import type { Command, Context, Host } from "./command.ts";
import { requireOneLine } from "./files/one_line.ts";
import { Output } from "./output/output.ts";
import { type CommandName, COMMANDS, isCommand } from "./table.ts";

/**
 * What only a mistake or the help needs is loaded then.
 *
 * @param words of the command line, after the program's name
 * @returns the exit code
 */
export async function main(words: readonly string[], host: Host): Promise<number> {
  const out = new Output(words, host);
  const at = nameIndex(words);
  const name = words[at];
  try {
    requireBun();
    const isPlain = at === 0 && isCommand(name);
    const code = isPlain
      ? await start(name, words.slice(1), host, out)
      : await ask(words, at, host, out);
    return code ?? EXIT.done;
  } catch (error) {
    const { reportError } = await import("./output/report_error.ts");
    return reportError(error, out, host.env, isCommand(name) ? name : undefined);
  }
}

/** Options before the command's name, and what no command answers. */
async function ask(
  words: readonly string[],
  at: number,
  host: Host,
  out: Output,
): Promise<number | void> {
  const { answerProgram } = await import("./help_and_version.ts");
  const [name, ...rest] = words.slice(at);
  const leading = words.slice(0, at);
  if (await answerProgram({ leading, name, rest }, out, host)) return undefined;
  return isCommand(name) ? start(name, [...leading, ...rest], host, out) : undefined;
}

/** @param words all but the command's name */
async function start(
  name: CommandName,
  words: readonly string[],
  host: Host,
  out: Output,
): Promise<number | void> {
  const command: Command = await COMMANDS[name](host);
  const args = parseFor(command, words, name);
  if (args.has("quiet")) out.silence();
  if (args.has("help")) {
    const { printHelp } = await import("./help_and_version.ts");
    return printHelp(name, out, host);
  }
  return command.run(createContext(host, out, args), command.parse(args));
}

/** Where the command's name stands: options that every command takes may be before it. */
function nameIndex(words: readonly string[]): number {
  let index = 0;
  // Of these options, one alone takes the next word.
  while (words[index]?.startsWith("-") === true) index += words[index] === "--file" ? 2 : 1;
  return index;
}

function createContext(host: Host, out: Output, args: CommandArguments): Context {
  const { env, cwd, isTerminal, confirm, askSecret, now, companion } = host;
  for (const path of [cwd, args.value("file"), env["IMMUCONFIG_FILE"]]) requireOneLine(path);
  return {
    env,
    cwd,
    file: args.value("file"),
    out,
    get interactive() {
      return isTerminal(0) && isTerminal(2);
    },
    confirm,
    askSecret,
    now,
    companion,
  };
}

/** A command that passes words through reads its own options only before `--`. */
function parseFor(command: Command, words: readonly string[], name: string): CommandArguments {
  const { options = {}, passesThrough = false, takesCommand = false } = command;
  if (command.forwards === true) return parseForwarded(words, options);
  if (!passesThrough && !takesCommand) return parseArguments(words, options);
  const index = words.indexOf("--");
  const separator = index === -1 ? words.length : index;
  const own = parseArguments(words.slice(0, separator), options);
  if (takesCommand) return own.withCommand(words.slice(separator + 1));
  if (own.operands.length > 0) {
    throw usageError(
      `${quote(own.operands[0])} stands before the two dashes`,
      `Write: bun-config ${name} ${command.usage[0] ?? ""}`,
    );
  }
  return own.withOperands(words.slice(separator + 1));
}
