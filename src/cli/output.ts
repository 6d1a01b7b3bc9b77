/** Where a command's words go: data to standard output, messages to standard error. */

import { writeSync } from "node:fs";
import { FormatError, type ImmuconfigError, systemCode } from "../errors.ts";

export { count, formatBytes, formatDuration } from "../units.ts";

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

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

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  /** Where text goes; the process's own descriptors by default. */
  readonly write?: (stream: "stdout" | "stderr", text: string) => void;
}

export class Output {
  readonly json: boolean;
  readonly color: boolean;
  readonly #quiet: boolean;
  readonly #write: (stream: "stdout" | "stderr", text: string) => void;

  constructor({ json, quiet, color, write = writeToDescriptor }: OutputOptions) {
    this.json = json;
    this.color = color;
    this.#quiet = quiet;
    this.#write = write;
  }

  /** What the user asked for. It is printed even when `--quiet`. */
  data(json: Json, text: string): void {
    this.#write("stdout", this.json ? `${JSON.stringify(json)}\n` : `${text}\n`);
  }

  /** What the command did. */
  done(json: Json, text: string): void {
    if (this.json || !this.#quiet) this.data(json, text);
  }

  /** A word on the way: a warning, the next step. */
  note(text: string): void {
    if (!this.#quiet) this.#write("stderr", `${text}\n`);
  }

  error(error: ImmuconfigError): void {
    const { code, message, hint } = error;
    if (this.json) {
      const fault = error instanceof FormatError ? { ...error.fault } : undefined;
      this.#write("stdout", `${JSON.stringify({ error: { code, message, hint, fault } })}\n`);
      return;
    }
    const label = this.style("red", "error:");
    this.#write("stderr", `${label} ${message}\n${hint === undefined ? "" : `  ${hint}\n`}`);
  }

  style(style: Style, text: string): string {
    return this.color ? `\u001b[${SGR[style]}m${text}\u001b[0m` : text;
  }
}

/** Colour on a terminal, unless the user says otherwise (https://no-color.org). */
export function wantsColor(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const;
const WRITE_RETRY_MS = 1;

const utf8 = new TextEncoder();
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Synchronous, so that nothing is lost when the process exits. */
function writeToDescriptor(stream: "stdout" | "stderr", text: string): void {
  const bytes = utf8.encode(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(DESCRIPTORS[stream], bytes, written, bytes.length - written);
    } catch (error) {
      const code = systemCode(error);
      // The reader of a pipe went away: there is nobody left to tell.
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(sleeper, 0, 0, WRITE_RETRY_MS);
    }
  }
}
