/** Terminals through the shared library (terminal.zig): their size, and their mode. */

import { ImmuconfigError, valueError } from "../base/errors.ts";
import { TERMINAL_MODES, type TerminalMode } from "../format/record.ts";
import { FAULT, TERMINAL_SAVED, TERMINAL_SIZE } from "./abi.ts";
import { bunFfi } from "./bun_ffi.ts";

export interface TerminalSize {
  readonly rows: number;
  readonly cols: number;
}

/** What the record says of a terminal. */
export interface TerminalSettings {
  readonly mode: TerminalMode;
  /** 0 to 255 lines; 0 takes the terminal's. */
  readonly rows: number;
  /** 0 to 255 columns; 0 takes the terminal's. */
  readonly cols: number;
}

/** A terminal in the record's mode, until `restore`. */
export interface TerminalSession extends TerminalSize {
  /** Brings the terminal back to what it was. */
  restore(): void;
}

/** How a core reaches terminals. */
export interface TerminalAccess {
  /**
   * @throws ImmuconfigError `ERR_VALUE` when `fd` is no terminal, `ERR_READ` when the system
   * refuses, `ERR_UNSUPPORTED` without the shared library
   */
  terminalSize(fd: number): TerminalSize;
  /**
   * Brings a terminal into the record's mode. Only the mode changes: the size is reported.
   *
   * @throws ImmuconfigError as `terminalSize`; `ERR_VALUE` when a value is out of its range
   */
  terminalInit(fd: number, settings: TerminalSettings): TerminalSession;
}

/** Terminals for a program that stands between one and another program. */
export interface Terminals extends TerminalAccess {
  /**
   * Lets a terminal show every byte as it is. What is typed stays as it was.
   *
   * @returns how to bring it back
   * @throws ImmuconfigError as `terminalSize`
   */
  passOutput(fd: number): () => void;
}

/** The functions of the library, for `dlopen`. */
export const TERMINAL_SYMBOLS = {
  immuconfig_terminal_size: { args: ["i32", "ptr"], returns: "u32" },
  immuconfig_terminal_init: {
    args: ["i32", "u32", "u32", "u32", "ptr", "ptr"],
    returns: "u32",
  },
  immuconfig_terminal_pass_output: { args: ["i32", "ptr"], returns: "u32" },
  immuconfig_terminal_restore: { args: ["i32", "ptr"], returns: "u32" },
} as const;

/** What `dlopen` makes of them. */
export interface TerminalLibrary {
  immuconfig_terminal_size(fd: number, size: Uint32Array): number;
  immuconfig_terminal_init(
    fd: number,
    mode: number,
    rows: number,
    cols: number,
    saved: BigUint64Array,
    size: Uint32Array,
  ): number;
  immuconfig_terminal_pass_output(fd: number, saved: BigUint64Array): number;
  immuconfig_terminal_restore(fd: number, saved: BigUint64Array): number;
}

/** @param path of the shared library */
export function openTerminals(path: string): Terminals {
  return terminalsOf(bunFfi().dlopen(path, TERMINAL_SYMBOLS).symbols);
}

export function terminalsOf(lib: TerminalLibrary): Terminals {
  const restore = (fd: number, before: BigUint64Array) => (): void =>
    checkFault(lib.immuconfig_terminal_restore(fd, before), fd);
  return {
    terminalSize(fd) {
      const size = new Uint32Array(TERMINAL_SIZE.SIZE / 4);
      checkFault(lib.immuconfig_terminal_size(fd, size), fd);
      return readSize(size);
    },
    terminalInit(fd, settings) {
      checkTerminal(settings);
      const size = new Uint32Array(TERMINAL_SIZE.SIZE / 4);
      const before = newSaved();
      const { mode, rows, cols } = settings;
      const index = TERMINAL_MODES.indexOf(mode);
      checkFault(lib.immuconfig_terminal_init(fd, index, rows, cols, before, size), fd);
      return { ...readSize(size), restore: restore(fd, before) };
    },
    passOutput(fd) {
      const before = newSaved();
      checkFault(lib.immuconfig_terminal_pass_output(fd, before), fd);
      return restore(fd, before);
    },
  };
}

/** @throws ImmuconfigError `ERR_VALUE` */
export function checkTerminal({ mode, rows, cols }: TerminalSettings): void {
  if (!TERMINAL_MODES.includes(mode)) throw valueError(`there is no terminal mode "${mode}"`);
  checkRange("rows", rows, 255);
  checkRange("cols", cols, 255);
}

/** @throws ImmuconfigError `ERR_VALUE` */
export function checkRange(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= max) return;
  throw valueError(`${name} must be a whole number from 0 to ${max}, not ${value}`);
}

function newSaved(): BigUint64Array {
  return new BigUint64Array(TERMINAL_SAVED.SIZE / 8);
}

function readSize(size: Uint32Array): TerminalSize {
  return {
    rows: size[TERMINAL_SIZE.rows / 4] ?? 0,
    cols: size[TERMINAL_SIZE.cols / 4] ?? 0,
  };
}

function checkFault(fault: number, fd: number): void {
  if (fault === FAULT.none) return;
  if (fault === FAULT.notATerminal) throw valueError(`file descriptor ${fd} is not a terminal`);
  if (fault === FAULT.unsupported) {
    throw new ImmuconfigError("ERR_UNSUPPORTED", "this platform has no such terminals");
  }
  throw new ImmuconfigError("ERR_READ", `terminal ${fd}: the system refused`);
}
