/** From the words of the command line to options and operands. */

import { ImmuconfigError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";

export interface OptionSpec {
  readonly type: "boolean" | "string";
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly short?: string;
  /** What stands for the value in the help: `URL`. */
  readonly value?: string;
  readonly summary: string;
  /** What the option means without a value: `--sourcemap` as `--sourcemap=linked`. */
  readonly whenBare?: string;
}

/** Options that every command takes. */
export const GLOBAL_OPTIONS = {
  file: { type: "string", value: "PATH", summary: "the file (default: the nearest bunfig.lockb)" },
  json: { type: "boolean", summary: "print JSON" },
  quiet: { type: "boolean", short: "q", summary: "print nothing but data and errors" },
  "no-color": { type: "boolean", summary: "print without colour" },
  help: { type: "boolean", short: "h", summary: "show this help" },
} as const satisfies Record<string, OptionSpec>;

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export class CommandArguments {
  readonly operands: readonly string[];
  /** What follows `--`, for a command that takes another one. */
  readonly command: readonly string[];
  // A private name would make each first use of these methods slower than the whole parse.
  private readonly given: Values;

  constructor(operands: readonly string[], values: Values, command: readonly string[] = []) {
    this.operands = operands;
    this.command = command;
    this.given = values;
  }

  /** Whether an option was given, with a value or without. */
  isGiven(name: string): boolean {
    return this.given[name] !== undefined;
  }

  /** Whether a boolean option was given. */
  has(name: string): boolean {
    return this.given[name] === true;
  }

  /** The value of an option; the last one where it was given twice. */
  value(name: string): string | undefined {
    const values = this.values(name);
    return values[values.length - 1];
  }

  /** All values of an option. */
  values(name: string): readonly string[] {
    const value = this.given[name];
    if (typeof value === "string") return [value];
    return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  }

  /** The same options with other operands. */
  withOperands(operands: readonly string[]): CommandArguments {
    return new CommandArguments(operands, this.given, this.command);
  }

  /** The same options and operands with a command to run. */
  withCommand(command: readonly string[]): CommandArguments {
    return new CommandArguments(this.operands, this.given, command);
  }

  /**
   * The operands, when their number is right.
   *
   * @param names of the operands: `["FIELD", "VALUE"]`
   * @throws ImmuconfigError `ERR_USAGE`
   */
  exactly<const Names extends readonly string[]>(names: Names): { [K in keyof Names]: string } {
    if (this.operands.length !== names.length) {
      const wanted = names.length === 0 ? "no operand" : names.join(" ");
      throw usageError(`expected ${wanted}, got ${quoteAll(this.operands)}`);
    }
    return [...this.operands] as { [K in keyof Names]: string };
  }
}

/**
 * @param words after the command's name
 * @throws ImmuconfigError `ERR_USAGE`
 */
export function parseArguments(
  words: readonly string[],
  options: Readonly<Record<string, OptionSpec>>,
): CommandArguments {
  // Most calls have no option, and node:util takes longer to load than most commands run.
  if (!words.some((word) => word.startsWith("-"))) return new CommandArguments(words, {});
  const specs: Record<string, OptionSpec> = { ...options, ...GLOBAL_OPTIONS };
  const plain = parsePlainWords(words, specs);
  if (plain !== undefined) return plain;
  const { parseArgs } = process.getBuiltinModule("node:util");
  try {
    const { values, positionals } = parseArgs({
      args: words.map((word) => withValue(word, specs)),
      options: specs,
      allowPositionals: true,
      strict: true,
    });
    return new CommandArguments(positionals, values);
  } catch (cause) {
    throw explain(words, specs, cause);
  }
}

/**
 * @param text of a whole number, decimal
 * @param what it stands for, for the message
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function parseNumber(text: string, what: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new ImmuconfigError("ERR_VALUE", `${JSON.stringify(text)} is not a ${what}`, {
    hint: "Give a whole number, such as 1.",
  });
}

export function usageError(message: string, hint?: string): ImmuconfigError {
  return new ImmuconfigError("ERR_USAGE", message, hint === undefined ? {} : { hint });
}

/**
 * For a word that is none of those that are known.
 *
 * @param kind what it should be: `action`
 */
export function unknownWord(kind: string, word: string, known: readonly string[]): ImmuconfigError {
  return usageError(
    `there is no ${kind} ${JSON.stringify(word)}`,
    `${didYouMean(word, known)}The ${kind}s are ${known.join(", ")}.`,
  );
}

/**
 * What `parseArgs` of node:util makes of words that nobody can misread: operands, long options by
 * their whole name with the value in the same word or the next, `--`.
 *
 * @returns undefined for anything else, which may be wrong
 */
export function parsePlainWords(
  words: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
): CommandArguments | undefined {
  const operands: string[] = [];
  const values: Record<string, string | boolean | string[]> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") {
      operands.push(...words.slice(index + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      operands.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
    if (!word.startsWith("--") || !Object.hasOwn(specs, name)) return undefined;
    const { type, multiple = false, whenBare } = specs[name] ?? {};
    if (type === "boolean") {
      if (equals !== -1) return undefined;
      values[name] = true;
      continue;
    }
    let value = equals === -1 ? whenBare : word.slice(equals + 1);
    if (value === undefined) {
      value = words[++index];
      if (value === undefined || value.startsWith("-")) return undefined;
    }
    const earlier = values[name];
    if (!multiple) values[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else values[name] = [value];
  }
  return new CommandArguments(operands, values);
}

/** A value of such an option is part of the same word: the next one may be an operand. */
function withValue(word: string, specs: Readonly<Record<string, OptionSpec>>): string {
  if (!word.startsWith("--") || !Object.hasOwn(specs, word.slice(2))) return word;
  const value = specs[word.slice(2)]?.whenBare;
  return value === undefined ? word : `${word}=${value}`;
}

function explain(
  words: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
  cause: unknown,
): ImmuconfigError {
  for (const word of words) {
    if (word === "--") break;
    const name = /^--([^=]+)/.exec(word)?.[1];
    if (name === undefined || Object.hasOwn(specs, name)) continue;
    const known = Object.keys(specs).map((option) => `--${option}`);
    const hint = didYouMean(`--${name}`, known).trim();
    return new ImmuconfigError("ERR_USAGE", `there is no option --${name}`, {
      ...(hint === "" ? {} : { hint }),
      cause,
    });
  }
  // The first sentence of Node's message names the option; the rest speaks of its API.
  const reason = cause instanceof Error ? cause.message.split(/\. |\n/, 1)[0] : String(cause);
  return new ImmuconfigError("ERR_USAGE", reason ?? "the options cannot be understood", { cause });
}

function quoteAll(operands: readonly string[]): string {
  return operands.length === 0 ? "none" : operands.map((word) => JSON.stringify(word)).join(" ");
}
