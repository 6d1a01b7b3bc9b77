/** The shapes of which all others are made. */

import * as v from "valibot";
import { printable } from "../../base/text.ts";

export const FlagName = v.pipe(v.string(), v.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,59}$/));
/** What people read: nothing in it breaks a line, or turns the order of letters round. */
export const Reason = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(200),
  v.check((text) => printable(text) === text, "a text without control characters"),
);
/** Milliseconds since 1970, up to the last day that has a date. */
export const Time = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(8.64e15));
/** Words of a program, which somebody reads in one line: what would break it becomes a `?`. */
export function wordsOf(sizeMax: number): v.GenericSchema<string> {
  return v.pipe(v.string(), v.maxLength(sizeMax), v.transform(printable));
}
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
