/** The terminal through `node:tty`, where no native library serves. */

import { ReadStream, WriteStream } from "node:tty";
import { ImmuconfigError } from "../../base/errors.ts";
import {
  checkTerminal,
  notATerminal,
  type TerminalAccess,
  type TerminalSession,
  type TerminalSettings,
  type TerminalSize,
} from "./core.ts";

/** Terminals among the standard streams. */
export const tty: TerminalAccess = { terminalSize: ttySize, terminalInit: ttyInit };

/** Standard input has no size of its own: its terminal's is that of the outputs. */
function ttySize(fd: number): TerminalSize {
  const streams = [process.stdin, process.stdout, process.stderr];
  if (!(streams[fd] instanceof ReadStream || streams[fd] instanceof WriteStream)) {
    throw notATerminal(fd);
  }
  const output = [streams[fd], process.stdout, process.stderr].find(
    (stream) => stream instanceof WriteStream,
  );
  if (output === undefined) {
    throw new ImmuconfigError("ERR_READ", "the terminal's size is not known: no output is one");
  }
  return { rows: output.rows, cols: output.columns };
}

function ttyInit(fd: number, settings: TerminalSettings): TerminalSession {
  checkTerminal(settings);
  const { stdin } = process;
  if (fd !== 0 || !(stdin instanceof ReadStream)) throw notATerminal(fd);
  const needsSize = settings.rows === 0 || settings.cols === 0;
  const size = needsSize ? ttySize(fd) : settings;
  const wasRaw = stdin.isRaw;
  if (settings.mode === "raw" || settings.mode === "cooked") {
    stdin.setRawMode(settings.mode === "raw");
  }
  return {
    rows: settings.rows || size.rows,
    cols: settings.cols || size.cols,
    restore: () => void stdin.setRawMode(wasRaw),
  };
}
