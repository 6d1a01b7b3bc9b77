/** Runs a program in a pseudo-terminal of a fixed size and mode, whatever the real terminal is. */

import { requireBunFor } from "../../base/bun_only.ts";
import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import type { Environment } from "../../base/environment.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { systemCode } from "../../base/fs_errors.ts";
import { block } from "../../base/sleep.ts";
import type { TerminalMode } from "../../format/record.ts";
import { exitCodeOf } from "./exit_code.ts";
import { forwardSignals } from "./forward_signals.ts";
import { findLibrary } from "../../native/library.ts";
import { openTerminals } from "../../native/terminal.ts";

const STDIN = 0;
const STDOUT = 1;
/** What a size of 0 means where there is no real terminal. */
const ROWS_DEFAULT = 24;
const COLS_DEFAULT = 80;
/** The same everywhere, as the size is. */
const TERMINAL_NAME = "xterm-256color";
/** What a user types to end a program's input. */
const END_OF_INPUT = "\u0004";
const WRITE_RETRY_MS = 1;
/** termios(3), on Linux and macOS alike. */
const OPOST = 1;

export interface PtyOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** Lines; 0 takes the real terminal's. */
  readonly rows: number;
  /** Columns; 0 takes the real terminal's. */
  readonly cols: number;
  /** `"raw"` starts it raw; `"none"`, `"cooked"` and `"pipe"` as terminals are, cooked. */
  readonly mode: TerminalMode;
}

/**
 * Runs a program in a pseudo-terminal between it and this process's own standard streams. The
 * size stays as it is when the real terminal's changes. The real terminal is raw meanwhile, so
 * that keys reach the program as they are, and is as before when this returns.
 *
 * @param command the program and its arguments
 * @returns its exit code, or 128 and the number of the signal that ended it
 * @throws ImmuconfigError `ERR_UNSUPPORTED` where the system has no pseudo-terminals, or a real one
 * cannot be reached for want of the native library; a system error when the program cannot be started
 * @example
 * await runInPty(["stty", "size"], { cwd, env, rows: 24, cols: 80, mode: "cooked" }); // 24 80
 */
export async function runInPty(command: readonly string[], options: PtyOptions): Promise<number> {
  requireBunFor("a pseudo-terminal");
  if (process.platform === "win32") {
    throw new ImmuconfigError("ERR_UNSUPPORTED", "there are no pseudo-terminals on this system", {
      hint: "Run it without --pty.",
    });
  }
  const { promise: drained, resolve: onDrained } = Promise.withResolvers<void>();
  const signals = forwardSignals(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);
  let restore: (() => void) | undefined;
  try {
    restore = passBytes();
    // For an exit elsewhere, and an exception that nobody caught.
    process.on("exit", restore);
    const child = Bun.spawn([...command], {
      cwd: options.cwd,
      env: environmentOf(options.env),
      terminal: {
        ...sizeOf(options),
        name: TERMINAL_NAME,
        data: (_, bytes) => {
          if (!writeOut(bytes)) child.kill("SIGHUP");
        },
        exit: () => onDrained(),
      },
    });
    const { terminal } = child;
    if (terminal === undefined) throw new Error("Bun.spawn gave no terminal");
    if (options.mode === "raw") makeRaw(terminal);
    signals.to((signal) => child.kill(signal));
    const stopInput = forwardInput(terminal, options.mode);
    await child.exited;
    // All that the program wrote comes before the end of its terminal.
    await drained;
    stopInput();
    terminal.close();
    return exitCodeOf(child);
  } finally {
    if (restore !== undefined) {
      restore();
      process.off("exit", restore);
    }
    signals.stop();
  }
}

/**
 * Makes the real terminal pass every byte on as it is, both ways. Bun's own raw mode would still
 * change line feeds.
 *
 * @returns how to put it back; may be called twice
 * @throws ImmuconfigError `ERR_UNSUPPORTED` without the native library
 */
function passBytes(): () => void {
  if (!isatty(STDIN) && !isatty(STDOUT)) return () => undefined;
  const library = findLibrary();
  if (library === undefined) {
    throw new ImmuconfigError("ERR_UNSUPPORTED", "a pseudo-terminal needs the native library", {
      hint: "It was not built for this platform. Run it without --pty.",
    });
  }
  const terminals = openTerminals(library);
  // With another standard input, only the output's line feeds are in the way.
  if (!isatty(STDIN)) return terminals.passOutput(STDOUT);
  const session = terminals.terminalInit(STDIN, {
    mode: "raw",
    rows: ROWS_DEFAULT,
    cols: COLS_DEFAULT,
  });
  return () => session.restore();
}

/** The size for the program: the record's, the real terminal's, or the usual one. */
function sizeOf({ rows, cols }: PtyOptions): { rows: number; cols: number } {
  const real = [process.stdout, process.stderr].find((stream) => stream.isTTY);
  return {
    rows: rows || real?.rows || ROWS_DEFAULT,
    cols: cols || real?.columns || COLS_DEFAULT,
  };
}

/** As cfmakeraw(3): Bun's raw mode still turns line feeds into two characters. */
function makeRaw(terminal: Bun.Terminal): void {
  terminal.setRawMode(true);
  terminal.outputFlags &= ~OPOST;
}

/** Programs believe `LINES` and `COLUMNS` before they ask their terminal. */
function environmentOf(env: PtyOptions["env"]): Record<string, string | undefined> {
  const { LINES: _lines, COLUMNS: _columns, ...rest } = env;
  return { ...rest, TERM: TERMINAL_NAME };
}

/** @returns how to stop */
function forwardInput(terminal: Bun.Terminal, mode: TerminalMode): () => void {
  const { stdin } = process;
  let last = "\n";
  const onData = (chunk: Buffer): void => {
    last = String.fromCharCode(chunk.at(-1) ?? 0);
    if (!terminal.closed) terminal.write(chunk);
  };
  const onEnd = (): void => {
    // The first ends an unfinished line, the second the input. A raw terminal has no such key.
    const keys = last === "\n" ? END_OF_INPUT : END_OF_INPUT + END_OF_INPUT;
    if (mode !== "raw" && !terminal.closed) terminal.write(keys);
  };
  stdin.on("data", onData);
  stdin.on("end", onEnd);
  return () => {
    stdin.off("data", onData);
    stdin.off("end", onEnd);
    stdin.pause();
    // A file has no such method, and keeps no process waiting.
    if ("unref" in stdin) stdin.unref();
  };
}

/** @returns false when nobody reads the output any more */
function writeOut(bytes: Uint8Array): boolean {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(1, bytes, written, bytes.length - written);
    } catch (error) {
      const code = systemCode(error);
      if (code === "EPIPE" || code === "EIO") return false;
      if (code !== "EAGAIN") throw error;
      block(WRITE_RETRY_MS);
    }
  }
  return true;
}
