/** Draws annotated bytes: offset, hex, ASCII, field, value. Pure. */

import { findNonZero, hex32, hexBytes } from "../../format/bytes.ts";
import type { Field } from "../../format/describe/annotate.ts";
import { faultText, type FormatFault } from "../../base/errors.ts";
import type { Style } from "./output.ts";
import { printable } from "../../base/text.ts";

const ROW_SIZE = 16;
/** Longer fields (packages, `meta`) are cut, and so are zeros that fill a field up. */
const ROWS_MAX = 16;
const HEX_WIDTH = 3 * ROW_SIZE - 1;
const NAME_WIDTH = 16;
const FIELD_STYLES: readonly Style[] = ["cyan", "yellow", "green", "magenta", "blue"];

export type Paint = (style: Style, text: string) => string;

/**
 * @param fault marks the row that holds its offset
 * @returns the lines of the drawing
 */
export function drawFields(
  bytes: Uint8Array,
  fields: readonly Field[],
  fault: FormatFault | undefined,
  paint: Paint,
): string[] {
  const head = ["offset  ", "hex".padEnd(HEX_WIDTH), "ascii".padEnd(ROW_SIZE), "field"];
  const lines = [paint("bold", head.join("  "))];
  for (const [index, field] of fields.entries()) {
    const style = FIELD_STYLES[index % FIELD_STYLES.length] ?? "cyan";
    lines.push(...drawField(bytes, field, style, paint));
    const end = field.offset + field.size;
    if (fault !== undefined && fault.offset >= field.offset && fault.offset < end) {
      lines.push(markFault(fault, paint));
    }
  }
  if (fault !== undefined && fault.offset >= bytes.length) lines.push(markFault(fault, paint));
  return lines;
}

function drawField(bytes: Uint8Array, field: Field, style: Style, paint: Paint): string[] {
  const end = field.offset + field.size;
  const zerosStart = trailingZeros(bytes, field);
  const shownEnd = Math.min(zerosStart, field.offset + ROWS_MAX * ROW_SIZE);
  const lines: string[] = [];
  for (let at = field.offset; at < shownEnd; at += ROW_SIZE) {
    const row = bytes.subarray(at, Math.min(at + ROW_SIZE, shownEnd));
    const label = at === field.offset ? `${field.name.padEnd(NAME_WIDTH)}  ${field.value}` : "";
    const hex = paint(style, hexRow(row).padEnd(HEX_WIDTH));
    const text = paint(style, asciiRow(row).padEnd(ROW_SIZE));
    lines.push(`${paint("dim", hex32(at))}  ${hex}  ${text}  ${label}`.trimEnd());
  }
  if (shownEnd < end) {
    const what = shownEnd === zerosStart ? "zeros" : "more bytes";
    lines.push(paint("dim", `${" ".repeat(10)}… ${end - shownEnd} ${what}`));
  }
  return lines;
}

/** Where the rows of nothing but zeros start that end a field; its first row is never one. */
function trailingZeros(bytes: Uint8Array, { offset, size }: Field): number {
  let end = offset + size;
  let row = offset + Math.floor((size - 1) / ROW_SIZE) * ROW_SIZE;
  while (row > offset && findNonZero(bytes, row, end) === -1) {
    end = row;
    row -= ROW_SIZE;
  }
  return end;
}

function markFault(fault: FormatFault, paint: Paint): string {
  return paint("red", `>>> ${printable(faultText(fault))}`);
}

function hexRow(row: Uint8Array): string {
  return Array.from(row, (_, index) => hexBytes(row, index, index + 1)).join(" ");
}

function asciiRow(row: Uint8Array): string {
  return Array.from(row, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
}
