/** The body: package records and sections (docs/format.md, "Body"). */

import { quote } from "../base/text.ts";
import { FormatError } from "../base/errors.ts";
import { BODY_SIZE_MAX, PACKAGE_COUNT_MAX, SECTION_COUNT_MAX } from "../base/limits.ts";
import { compareBytes, readAscii, readUint32, writeUint32 } from "./bytes.ts";
import { OFFSET, PACKAGE_RECORD_SIZE, SECTION_HEAD_SIZE } from "./layout.ts";

const COUNT_SIZE = 4;
const TAG_SIZE = 4;
const TAG_PATTERN = /^[A-Za-z][A-Za-z0-9]{3}$/;

export interface Section {
  /** 4 ASCII letters or digits, the first a letter. */
  readonly tag: string;
  readonly payload: Uint8Array;
  /** Bytes from the file's start to the payload; for messages. */
  readonly offset: number;
}

export interface Body {
  /** 32 bytes a record, in ascending order. */
  readonly packages: Uint8Array;
  /** In ascending order of tag. */
  readonly sections: readonly Section[];
}

/**
 * Splits the body of a whole file. The payloads are views of `bytes`.
 *
 * @throws FormatError
 */
export function decodeBody(bytes: Uint8Array): Body {
  const size = bytes.length - OFFSET.body;
  if (size < COUNT_SIZE) {
    throw new FormatError({
      offset: OFFSET.body,
      field: "packageCount",
      expected: `${COUNT_SIZE} bytes`,
      found: `${Math.max(size, 0)} bytes`,
    });
  }
  const packages = readPackages(bytes);
  const sectionsOffset = OFFSET.body + COUNT_SIZE + packages.length;
  return { packages, sections: readSections(bytes, sectionsOffset) };
}

/**
 * Called before anything else looks at the body, so that the work on it is bounded.
 *
 * @throws FormatError
 */
export function checkBodySize(bytes: Uint8Array): void {
  const size = bytes.length - OFFSET.body;
  if (size <= BODY_SIZE_MAX) return;
  throw new FormatError({
    offset: OFFSET.body + BODY_SIZE_MAX,
    field: "body",
    expected: `at most ${BODY_SIZE_MAX} bytes`,
    found: `${size} bytes`,
  });
}

export function bodySize(packages: Uint8Array, sections: readonly Section[]): number {
  return sections.reduce(
    (size, section) => size + SECTION_HEAD_SIZE + section.payload.length,
    COUNT_SIZE + packages.length,
  );
}

/** Writes the body of a whole file. */
export function writeBody(
  bytes: Uint8Array,
  packages: Uint8Array,
  sections: readonly Section[],
): void {
  writeUint32(bytes, OFFSET.body, packages.length / PACKAGE_RECORD_SIZE);
  let offset = OFFSET.body + COUNT_SIZE;
  bytes.set(packages, offset);
  offset += packages.length;
  for (const { tag, payload } of sections) {
    for (let i = 0; i < TAG_SIZE; i++) bytes[offset + i] = tag.charCodeAt(i);
    writeUint32(bytes, offset + TAG_SIZE, payload.length);
    bytes.set(payload, offset + SECTION_HEAD_SIZE);
    offset += SECTION_HEAD_SIZE + payload.length;
  }
}

function readPackages(bytes: Uint8Array): Uint8Array {
  const count = readUint32(bytes, OFFSET.body);
  const start = OFFSET.body + COUNT_SIZE;
  if (count > PACKAGE_COUNT_MAX) {
    throw new FormatError({
      offset: OFFSET.body,
      field: "packageCount",
      expected: `at most ${PACKAGE_COUNT_MAX}`,
      found: String(count),
    });
  }
  const end = start + count * PACKAGE_RECORD_SIZE;
  if (end > bytes.length) {
    throw new FormatError({
      offset: start,
      field: "packages",
      expected: `${count} records of ${PACKAGE_RECORD_SIZE} bytes`,
      found: `${bytes.length - start} bytes`,
    });
  }
  let before = bytes.subarray(start, start + PACKAGE_RECORD_SIZE);
  for (let at = start + PACKAGE_RECORD_SIZE; at < end; at += PACKAGE_RECORD_SIZE) {
    const record = bytes.subarray(at, at + PACKAGE_RECORD_SIZE);
    if (compareBytes(before, record) >= 0) {
      throw new FormatError({
        offset: at,
        field: "packages",
        expected: "a record greater than the one before",
        found: "one equal or smaller",
      });
    }
    before = record;
  }
  return bytes.subarray(start, end);
}

function readSections(bytes: Uint8Array, start: number): Section[] {
  const sections: Section[] = [];
  let previousTag = "";
  let offset = start;
  while (offset < bytes.length) {
    if (sections.length === SECTION_COUNT_MAX) {
      throw new FormatError({
        offset,
        field: "sections",
        expected: `at most ${SECTION_COUNT_MAX} sections`,
        found: "one more",
      });
    }
    const section = readSection(bytes, offset);
    if (section.tag <= previousTag) {
      throw new FormatError({
        offset,
        field: "section tag",
        expected: `a tag after "${previousTag}"`,
        found: `"${section.tag}"`,
      });
    }
    sections.push(section);
    previousTag = section.tag;
    offset = section.offset + section.payload.length;
  }
  return sections;
}

function readSection(bytes: Uint8Array, offset: number): Section {
  const left = bytes.length - offset;
  if (left < SECTION_HEAD_SIZE) {
    throw new FormatError({
      offset,
      field: "section",
      expected: `a tag and a length (${SECTION_HEAD_SIZE} bytes), or the end of the file`,
      found: `${left} bytes`,
    });
  }
  const tag = readAscii(bytes, offset, offset + TAG_SIZE);
  if (!TAG_PATTERN.test(tag)) {
    throw new FormatError({
      offset,
      field: "section tag",
      expected: "4 ASCII letters or digits, the first a letter",
      found: quote(tag),
    });
  }
  const length = readUint32(bytes, offset + TAG_SIZE);
  const payloadOffset = offset + SECTION_HEAD_SIZE;
  if (length > bytes.length - payloadOffset) {
    throw new FormatError({
      offset: offset + TAG_SIZE,
      field: `length of section "${tag}"`,
      expected: `at most the ${bytes.length - payloadOffset} bytes that follow`,
      found: String(length),
    });
  }
  const payload = bytes.subarray(payloadOffset, payloadOffset + length);
  return { tag, payload, offset: payloadOffset };
}
