/**
 * Words of the command line, sorted into options and operands. Pure, and nothing but that: `get` starts with
 * it (fast_get.ts), and what a fault is called says arguments.ts.
 */

/** A switch, or an option with a value, which `value` names. */
export interface OptionSpec {
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly short?: string;
  /** What stands for the value in the help: `URL`. */
  readonly value?: string;
  readonly summary: string;
  /** What the option means without a value: `--sourcemap` as `--sourcemap=linked`. */
  readonly whenBare?: string;
}

export type Options = Readonly<Record<string, OptionSpec>>;

/** Options that every command takes. */
export const GLOBAL_OPTIONS = {
  file: { value: "PATH", summary: "the file (default: the nearest bunfig.lockb)" },
  json: { summary: "print JSON" },
  quiet: { short: "q", summary: "print nothing but data and errors" },
  "no-color": { summary: "print without colour" },
  help: { short: "h", summary: "show this help" },
} as const satisfies Options;

/** What was given, by the option's name: `true`, or every value in order. */
export type Given = Record<string, true | string[]>;

export interface SortedWords {
  readonly operands: readonly string[];
  readonly given: Readonly<Given>;
  /** What is wrong with the first option that cannot be taken; nothing after it was read. */
  readonly fault?: Fault;
}

export interface Fault {
  /** The option as the user wrote it. */
  readonly shown: string;
  readonly is: "unknown" | "a switch with a value" | "without a value" | "before another option";
  /** The word behind it, for the last of these. */
  readonly next?: string;
}

/** How many further words an option took. */
type Taken = 0 | 1;

/**
 * Reads words as `parseArgs` of node:util does: options anywhere before `--`, values in the same
 * word or the next, short options together. Loading that module would take longer than most
 * commands run.
 *
 * @param words after the command's name
 * @param specs of all options that the command takes
 */
export function sortWords(words: readonly string[], specs: Options): SortedWords {
  const operands: string[] = [];
  const given: Given = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") {
      operands.push(...words.slice(index + 1));
      break;
    }
    if (word[0] !== "-" || word === "-") {
      operands.push(word);
      continue;
    }
    const takeOption = word[1] === "-" ? takeLong : takeShort;
    const taken = takeOption(word, words[index + 1], specs, given);
    if (typeof taken === "object") return { operands, given, fault: taken };
    index += taken;
  }
  return { operands, given };
}

/** The value of an option; the last one where it was given twice. */
export function lastValue(given: Readonly<Given>, name: string): string | undefined {
  const values = given[name];
  return typeof values === "object" ? values[values.length - 1] : undefined;
}

/** `--name`, `--name=value`, `--name value` */
export function takeLong(
  word: string,
  next: string | undefined,
  specs: Options,
  given: Given,
): Taken | Fault {
  const equals = word.indexOf("=");
  const name = equals === -1 ? word.slice(2) : word.slice(2, equals);
  const shown = `--${name}`;
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined;
  if (spec === undefined) return { shown, is: "unknown" };
  const attached = equals === -1 ? undefined : word.slice(equals + 1);
  return take(given, shown, name, spec, attached, next);
}

/** `-q`, `-qh`, `-e value`, `-evalue` */
function takeShort(
  word: string,
  next: string | undefined,
  specs: Options,
  given: Given,
): Taken | Fault {
  for (let at = 1; at < word.length; at++) {
    const shown = `-${word[at]}`;
    const name = Object.keys(specs).find((key) => specs[key]?.short === word[at]);
    const spec = name === undefined ? undefined : specs[name];
    if (name === undefined || spec === undefined) return { shown, is: "unknown" };
    const attached = spec.value === undefined ? undefined : word.slice(at + 1) || undefined;
    const taken = take(given, shown, name, spec, attached, next);
    if (spec.value !== undefined || typeof taken === "object") return taken;
  }
  return 0;
}

/** @param shown the option as the user wrote it */
function take(
  given: Given,
  shown: string,
  name: string,
  spec: OptionSpec,
  attached: string | undefined,
  next: string | undefined,
): Taken | Fault {
  if (spec.value === undefined) {
    if (attached !== undefined) return { shown, is: "a switch with a value" };
    given[name] = true;
    return 0;
  }
  const own = attached ?? spec.whenBare;
  const value = own ?? next;
  if (value === undefined) return { shown, is: "without a value" };
  if (own === undefined && value.startsWith("-") && value !== "-") {
    return { shown, is: "before another option", next: value };
  }
  const earlier = given[name];
  if (spec.multiple === true && typeof earlier === "object") earlier.push(value);
  else given[name] = [value];
  return own === undefined ? 1 : 0;
}
