/** What a command is given on its command line, and what is wrong with it. Pure. */

import { ImmuconfigError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import { quote } from "../../base/text.ts";
import {
  type Fault,
  type Given,
  GLOBAL_OPTIONS,
  lastValue,
  type Options,
  sortWords,
  takeLong,
} from "./words.ts";

export type { OptionSpec } from "./words.ts";

/** Of the number that an option gives; `none` where it is not given. */
export interface NumberRange {
  readonly none: number;
  readonly least?: number;
  readonly most: number;
}

export class CommandArguments {
  readonly operands: readonly string[];
  /** What follows `--`, for a command that takes another one. */
  readonly command: readonly string[];
  readonly #given: Readonly<Given>;

  constructor(
    operands: readonly string[],
    given: Readonly<Given>,
    command: readonly string[] = [],
  ) {
    this.operands = operands;
    this.command = command;
    this.#given = given;
  }

  /** Whether an option was given, with a value or without. */
  isGiven(name: string): boolean {
    return this.#given[name] !== undefined;
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#given[name] === true;
  }

  /** The value of an option; the last one where it was given twice. */
  value(name: string): string | undefined {
    return lastValue(this.#given, name);
  }

  /** All values of an option. */
  values(name: string): readonly string[] {
    const values = this.#given[name];
    return typeof values === "object" ? values : [];
  }

  /**
   * For what is asked for with some of a command's options alone.
   *
   * @param names of the options that go with it
   * @param action as the user writes it
   * @throws ImmuconfigError `ERR_USAGE` for another one, but for those that every command takes
   */
  allowOnly(names: readonly string[], action: string): void {
    for (const name of Object.keys(this.#given)) {
      if (names.includes(name) || Object.hasOwn(GLOBAL_OPTIONS, name)) continue;
      throw usageError(`--${name} does not go with ${action}`);
    }
  }

  /**
   * The whole number that an option gives.
   *
   * @param range its bounds, and what it is where the option is not given
   * @throws ImmuconfigError `ERR_USAGE` outside of the bounds; `ERR_VALUE` for what is no number
   */
  number(name: string, { none, least = 0, most }: NumberRange): number {
    const text = this.value(name);
    const number = text === undefined ? none : parseNumber(text, `number for --${name}`);
    if (number >= least && number <= most) return number;
    throw usageError(`--${name} is from ${least} to ${most}, and not ${number}`);
  }

  /**
   * What a command of several actions is to do, which its first operand says. Options that go with another
   * action are refused.
   *
   * @param command its name
   * @param actions each with the names of the options that go with it
   * @param more.usual the action where there is no operand
   * @param more.always names of options that go with every action
   * @throws ImmuconfigError `ERR_USAGE`
   */
  action<Action extends string>(
    command: string,
    actions: Readonly<Record<Action, readonly string[]>>,
    more: { readonly usual?: NoInfer<Action>; readonly always?: readonly string[] } = {},
  ): Action {
    const { usual, always = [] } = more;
    const known = Object.keys(actions) as Action[];
    const word = this.operands[0] ?? usual;
    if (word === undefined) throw usageError(`expected one of ${known.join(", ")}`);
    const action = known.find((one) => one === word);
    if (action === undefined) throw unknownWord("action", word, known);
    this.allowOnly([...always, ...actions[action]], `${command} ${action}`);
    return action;
  }

  /** The same options with other operands. */
  withOperands(operands: readonly string[]): CommandArguments {
    return new CommandArguments(operands, this.#given, this.command);
  }

  /** The same options and operands with a command to run. */
  withCommand(command: readonly string[]): CommandArguments {
    return new CommandArguments(this.operands, this.#given, command);
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

  /**
   * The operand, when there is at most one.
   *
   * @param name of the operand: `FIELD`
   * @throws ImmuconfigError `ERR_USAGE`
   */
  atMostOne(name: string): string | undefined {
    const [operand, ...more] = this.operands;
    if (more.length > 0) throw usageError(`expected one ${name}`);
    return operand;
  }
}

/**
 * Reads the words of a command (`sortWords`).
 *
 * @param words after the command's name
 * @param options that it takes beside those that every command takes
 * @throws ImmuconfigError `ERR_USAGE`
 */
export function parseArguments(words: readonly string[], options: Options): CommandArguments {
  const specs: Options = { ...options, ...GLOBAL_OPTIONS };
  const { operands, given, fault } = sortWords(words, specs);
  if (fault !== undefined) throw faultError(fault, specs);
  return new CommandArguments(operands, given);
}

/**
 * As `parseArguments`, for a command that hands on what is not its own: the operands are all other
 * words, options among them, as they stand.
 *
 * @throws ImmuconfigError `ERR_USAGE`
 */
export function parseForwarded(words: readonly string[], options: Options): CommandArguments {
  const specs: Options = { ...options, ...GLOBAL_OPTIONS };
  const others: string[] = [];
  const given: Given = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const name = /^--([^=]+)/.exec(word)?.[1];
    if (name === undefined || !Object.hasOwn(specs, name)) {
      others.push(word);
      continue;
    }
    const taken = takeLong(word, words[index + 1], specs, given);
    if (typeof taken === "object") throw faultError(taken, specs);
    index += taken;
  }
  return new CommandArguments(others, given);
}

function faultError({ shown, is, next }: Fault, specs: Options): ImmuconfigError {
  if (is === "unknown") return noOption(shown, specs);
  if (is === "a switch with a value") return usageError(`${shown} takes no value`);
  if (is === "without a value") return usageError(`${shown} needs a value`);
  return usageError(
    `${shown} needs a value, and ${next} is an option`,
    `A value that starts with a dash stands in the same word: ${shown}=${next}`,
  );
}

function noOption(shown: string, specs: Options): ImmuconfigError {
  const known = Object.keys(specs).map((option) => `--${option}`);
  const hint = didYouMean(shown, known).trim();
  return usageError(`there is no option ${shown}`, hint === "" ? undefined : hint);
}

/**
 * @param text of a whole number, decimal
 * @param what it stands for, for the message
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function parseNumber(text: string, what: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw new ImmuconfigError("ERR_VALUE", `${quote(text)} is not a ${what}`, {
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
    `there is no ${kind} ${quote(word)}`,
    `${didYouMean(word, known)}The ${kind}s are ${known.join(", ")}.`,
  );
}

function quoteAll(operands: readonly string[]): string {
  return operands.length === 0 ? "none" : operands.map((word) => JSON.stringify(word)).join(" ");
}
