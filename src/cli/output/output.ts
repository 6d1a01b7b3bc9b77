/** Where a command's words go: data to standard output, messages to standard error. */

import type { Environment } from "../../base/environment.ts";
import { safeJson, safeText } from "./safe_text.ts";

/**
 * A value as `--json` can print it: `never` for what JSON would lose of it. What came as JSON may be unknown.
 */
export type Printable<Value> = unknown extends Value
  ? Value
  : Value extends null | boolean | number | string | undefined
    ? Value
    : Value extends Lost
      ? never
      : { readonly [Key in keyof Value]: Printable<Value[Key]> };

type Lost =
  | bigint
  | symbol
  | Date
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBufferView
  | ((...args: never) => unknown);

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";

const SGR: Readonly<Record<Style, number>> = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
};

/** Where texts go. */
export interface Terminal {
  /** Writes a text and ends its line. */
  readonly write: (stream: "stdout" | "stderr", text: string) => void;
  /** Writes over the last line of the terminal at standard error. */
  readonly overwrite: (text: string) => void;
  /** @param descriptor 0, 1 or 2 */
  readonly isTerminal: (descriptor: number) => boolean;
  /** Whether standard output shows colours. */
  readonly showsColors: () => boolean;
  /** With `showsColors`, decides about colour. */
  readonly env: Environment;
}

export class Output {
  readonly json: boolean;
  #quiet: boolean;
  readonly #noColor: boolean;
  readonly #terminal: Terminal;
  #color: boolean | undefined;

  /** @param words of the command line: they may be wrong, and that must be said as they ask for it */
  constructor(words: readonly string[], terminal: Terminal) {
    const end = words.indexOf("--");
    const own = end === -1 ? words : words.slice(0, end);
    this.json = own.includes("--json");
    this.#quiet = own.includes("--quiet") || own.includes("-q");
    this.#noColor = own.includes("--no-color");
    this.#terminal = terminal;
  }

  /** For `-q` among other switches, as in `-yq`: which those are, the command says. */
  silence(): void {
    this.#quiet = true;
  }

  get color(): boolean {
    this.#color ??= !this.#noColor && wantsColor(this.#terminal);
    return this.#color;
  }

  /** What the user asked for. It is printed even when `--quiet`. */
  data<Value>(json: Value & Printable<Value>, text: string): void {
    this.#answer(json, text);
  }

  /** Text that another program reads, which must not be changed: code, lines for a shell. */
  program<Value>(json: Value & Printable<Value>, text: string): void {
    this.#write("stdout", this.json ? safeJson(JSON.stringify(json)) : text);
  }

  /** What the command did. */
  done<Value>(json: Value & Printable<Value>, text: string): void {
    if (this.json || !this.#quiet) this.#answer(json, text);
  }

  /** A word on the way: a warning, the next step. */
  note(text: string): void {
    if (!this.#quiet) this.#write("stderr", this.#safe(text));
  }

  /** A line on a terminal that the next one writes over, and "" takes away. */
  progress(text: string): void {
    const { env, isTerminal, overwrite } = this.#terminal;
    if (!this.#quiet && env["TERM"] !== "dumb" && isTerminal(2)) overwrite(this.#safe(text));
  }

  /** What stopped the command: as data with `--json`, else as a message, even when `--quiet`. */
  failure<Value>(json: Value & Printable<Value>, text: string): void {
    if (this.json) this.#write("stdout", safeJson(JSON.stringify(json)));
    else this.#write("stderr", this.#safe(text));
  }

  #answer(json: unknown, text: string): void {
    this.#write("stdout", this.json ? safeJson(JSON.stringify(json)) : this.#safe(text));
  }

  #write(stream: "stdout" | "stderr", text: string): void {
    this.#terminal.write(stream, text);
  }

  #safe(text: string): string {
    return safeText(text, this.#color === true);
  }

  style(style: Style, text: string): string {
    return this.color ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text;
  }
}

/** Colour on a terminal, unless the user says otherwise (https://no-color.org). */
function wantsColor({ env, showsColors }: Terminal): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return env["TERM"] !== "dumb" && showsColors();
}
