/** Where a command's words go: data to standard output, messages to standard error. */

import type { Environment } from "../../base/environment.ts";
import { FormatError, type ImmuconfigError } from "../../base/errors.ts";
import { printable } from "../../base/text.ts";
import { wantsColor } from "./terminals.ts";

export { count, formatBytes, formatDuration } from "../../base/units.ts";

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Values of interfaces as values of JSON: copies, whose members TypeScript can count. */
export function copies<Item extends object>(
  items: readonly Item[],
): { [Key in keyof Item]: Item[Key] }[] {
  return Array.from(items, (item) => ({ ...item }));
}

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

type Write = (stream: "stdout" | "stderr", text: string) => void;

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: "auto" | "always" | "never";
  /** Decides about colour where it is "auto". */
  readonly env: Environment;
  /** Where lines go; the process's own streams by default. */
  readonly write?: Write;
}

export class Output {
  readonly json: boolean;
  readonly #quiet: boolean;
  readonly #write: Write;
  readonly #decideColor: () => boolean;
  #color: boolean | undefined;

  constructor({ json, quiet, color, env, write = writeToConsole }: OutputOptions) {
    this.json = json;
    this.#quiet = quiet;
    this.#write = write;
    this.#decideColor = () => (color === "auto" ? wantsColor(env) : color === "always");
  }

  /** Decided on first use: asking for the terminal is slow. */
  get color(): boolean {
    this.#color ??= this.#decideColor();
    return this.#color;
  }

  /** What the user asked for. It is printed even when `--quiet`. */
  data(json: Json, text: string): void {
    this.#write("stdout", this.json ? JSON.stringify(json) : text);
  }

  /** What the command did. */
  done(json: Json, text: string): void {
    if (this.json || !this.#quiet) this.data(json, text);
  }

  /** A word on the way: a warning, the next step. */
  note(text: string): void {
    if (!this.#quiet) this.#write("stderr", text);
  }

  error(error: ImmuconfigError): void {
    const { code, message, hint } = error;
    if (this.json) {
      const fault = error instanceof FormatError ? { ...error.fault } : undefined;
      this.#write("stdout", JSON.stringify({ error: { code, message, hint, fault } }));
      return;
    }
    const label = this.style("red", "error:");
    const lines = [...message.split("\n"), ...(hint === undefined ? [] : [`  ${hint}`])];
    this.#write("stderr", `${label} ${lines.map(printable).join("\n")}`);
  }

  style(style: Style, text: string): string {
    return this.color ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text;
  }
}

/** The console writes at once and needs no module. */
function writeToConsole(stream: "stdout" | "stderr", line: string): void {
  if (stream === "stdout") console.log(line);
  else console.error(line);
}
