/** The comment with the record that a build leaves in its outputs, written and found. */

import { closeSync, readSync } from "node:fs";
import { FormatError, ImmuconfigError } from "../../base/errors.ts";
import { MAGIC } from "../../format/layout.ts";
import { cannotRead } from "../../base/fs_errors.ts";
import { openFile } from "../../base/read_file.ts";
import { quote } from "../../base/text.ts";
import {
  type Record,
  RECORD_TEXT_SIZE,
  RECORD_TEXT_SIZE_MAX,
  recordFromText,
  recordToText,
} from "../../format/record.ts";

/** Minifiers keep a comment that begins so. */
const HEAD_TEXT = "/*! immuconfig:record:";
const TAIL = " */";
const HEAD = Buffer.from(HEAD_TEXT);
const MARKER_SIZE_MAX = HEAD.length + RECORD_TEXT_SIZE_MAX + TAIL.length;

/** Bytes held at once, whatever the file's size. */
const WINDOW_SIZE = 1 << 20;

/** @param record its text: that with which an output was built */
export function recordMarker(record: string): string {
  return `${HEAD_TEXT}${record}${TAIL}`;
}

/** The record of one output, and the byte at which its first marker starts. */
export interface EmbeddedRecord {
  readonly record: Record;
  readonly offset: number;
}

/**
 * Finds the record in a built file, a bundle or an executable, in bounded memory.
 *
 * @returns undefined when the file holds none, and for a configuration file, which holds its record in
 * another way
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`; FormatError for a marker that is broken, or two
 * that disagree
 */
export function readEmbeddedRecord(path: string): EmbeddedRecord | undefined {
  const { descriptor } = openFile(path);
  try {
    return scanDescriptor(descriptor);
  } catch (cause) {
    if (cause instanceof ImmuconfigError) throw nameFile(cause, path);
    throw cannotRead(path, cause);
  } finally {
    closeSync(descriptor);
  }
}

function scanDescriptor(descriptor: number): EmbeddedRecord | undefined {
  const window = Buffer.alloc(WINDOW_SIZE);
  const finder = new MarkerFinder();
  let start = 0;
  let kept = 0;
  for (;;) {
    const count = readSync(descriptor, window, kept, WINDOW_SIZE - kept, start + kept);
    const size = kept + count;
    const last = count === 0;
    const consumed = finder.scan(window.subarray(0, size), start, last);
    if (start === 0 && kept === 0 && window.toString("latin1", 0, MAGIC.length) === MAGIC)
      return undefined;
    if (last) return finder.found;
    // A marker may lie across the edge of two windows.
    window.copyWithin(0, consumed, size);
    kept = size - consumed;
    start += consumed;
  }
}

class MarkerFinder {
  found: EmbeddedRecord | undefined;

  /**
   * @param start of the bytes in the file
   * @param last whether the file ends with them
   * @returns how many of the bytes need not be looked at again
   */
  scan(bytes: Buffer, start: number, last: boolean): number {
    let at = bytes.indexOf(HEAD);
    while (at !== -1) {
      if (!last && at + MARKER_SIZE_MAX > bytes.length) return at;
      this.#take(bytes.toString("latin1", at + HEAD.length, at + MARKER_SIZE_MAX), start + at);
      at = bytes.indexOf(HEAD, at + HEAD.length);
    }
    return last ? bytes.length : Math.max(0, bytes.length - HEAD.length + 1);
  }

  #take(rest: string, offset: number): void {
    // The head alone stands in immuconfig's own code, with no digit behind it.
    if (!/^[0-9A-Fa-f]/.test(rest)) return;
    const end = rest.indexOf(TAIL);
    if (end === -1) {
      const found = quote(rest.slice(0, RECORD_TEXT_SIZE + TAIL.length));
      throw markerFault(offset, `${RECORD_TEXT_SIZE} hex digits and "${TAIL}"`, found);
    }
    const text = rest.slice(0, end);
    let record: Record;
    try {
      record = recordFromText(text);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      const { field, expected, found } = error.fault;
      throw markerFault(offset, `${field} ${expected}`, found);
    }
    const earlier = this.found;
    if (earlier === undefined) this.found = { record, offset };
    else if (recordToText(earlier.record) !== text) {
      const first = `${recordToText(earlier.record)} as at offset ${earlier.offset}`;
      throw markerFault(offset, `record ${first}`, text);
    }
  }
}

function markerFault(offset: number, expected: string, found: string): FormatError {
  return new FormatError({ offset, field: "embedded record", expected, found });
}

function nameFile(error: ImmuconfigError, path: string): ImmuconfigError {
  if (!(error instanceof FormatError)) return error;
  return new FormatError(error.fault, {
    path,
    hint: "Build the file again, with one record.",
    cause: error,
  });
}
