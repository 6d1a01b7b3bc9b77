import { describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { FormatError, ImmuconfigError } from "../../src/base/errors.ts";
import { writeCrc64 } from "../../src/format/bytes.ts";
import { decodeFile, encodeFile, type SignatureCheck } from "../../src/format/file.ts";
import { unsignedSeal } from "../../src/format/header.ts";
import { OFFSET } from "../../src/format/layout.ts";
import { crc64 } from "../../src/hash.ts";
import { BODY_SIZE_MAX } from "../../src/base/limits.ts";
import { errorOf } from "../support/errors.ts";
import { trustRule } from "../support/signing.ts";
import { SEED } from "../support/properties.ts";
import { readVector, TRUSTED_KEY } from "../support/vectors.ts";
import index from "../vectors/index.json" with { type: "json" };

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const anySignature = (): void => undefined;

const files = index.vectors.filter((vector) => vector.valid).map(({ file }) => file);

/** The rule that accepts the file: trust in its key, or in none. */
function ruleFor(file: string): SignatureCheck {
  return trustRule(file === "valid/signed.lockb" ? TRUSTED_KEY : undefined);
}

function isRefused(bytes: Uint8Array, rule: SignatureCheck): boolean {
  try {
    decodeFile(bytes, rule);
    return false;
  } catch (error) {
    if (error instanceof ImmuconfigError) return true;
    throw error;
  }
}

/** Every byte of a file; of a full flag table the entries are alike, and a share of them stands for all. */
function sweptOffsets(bytes: Uint8Array): number[] {
  const offsets = Array.from(bytes.keys());
  if (bytes.length <= 4096) return offsets;
  return offsets.filter((at) => at < 512 || at % 331 === 0 || at >= bytes.length - 128);
}

describe("every valid vector", () => {
  test.each(files)("%s is refused with any bit flipped", (file) => {
    const bytes = readVector(file);
    const rule = ruleFor(file);
    expect(isRefused(bytes, rule)).toBe(false);
    const accepted: string[] = [];
    for (const at of sweptOffsets(bytes)) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = bytes.slice();
        flipped[at] = (bytes[at] ?? 0) ^ (1 << bit);
        if (!isRefused(flipped, rule)) accepted.push(`byte ${at} bit ${bit}`);
      }
    }
    expect(accepted).toEqual([]);
  });

  test.each(files)("%s is refused cut at any length", (file) => {
    const bytes = readVector(file);
    const accepted: number[] = [];
    for (const size of sweptOffsets(bytes)) {
      if (!isRefused(bytes.slice(0, size), ruleFor(file))) accepted.push(size);
      // With a seal that is right for what is left, the end can only lie between two sections.
      const rest = size < OFFSET.body ? undefined : resealed(bytes.slice(0, size));
      if (rest !== undefined && !isRefused(rest, anySignature)) expectCanonical(rest);
    }
    expect(accepted).toEqual([]);
  });

  test.each(files)("%s is refused with bytes after its end", (file) => {
    const bytes = readVector(file);
    for (const tail of [1, 4, 7, 8, 32, 104]) {
      const longer = new Uint8Array(bytes.length + tail);
      longer.set(bytes);
      expect(isRefused(longer, ruleFor(file))).toBe(true);
      expect(isRefused(resealed(longer), anySignature)).toBe(true);
    }
    const twice = Uint8Array.of(...bytes, ...bytes);
    expect(isRefused(resealed(twice), anySignature)).toBe(true);
  });
});

describe("a limit", () => {
  test("lets a body of 8 MiB pass, and not a byte more", () => {
    expectCanonical(fileOfBody(BODY_SIZE_MAX));
    const error = errorOf(() => decodeFile(fileOfBody(BODY_SIZE_MAX + 1), anySignature));
    expect(error).toHaveProperty("fault", {
      offset: OFFSET.body + BODY_SIZE_MAX,
      field: "body",
      expected: "at most 8388608 bytes",
      found: "8388609 bytes",
    });
  });

  test("lets 2^17 packages pass", () => {
    const count = 2 ** 17;
    const bytes = new Uint8Array(OFFSET.body + 4 + 32 * count);
    bytes.set(readVector("valid/no_sections.lockb"));
    const view = new DataView(bytes.buffer);
    view.setUint32(OFFSET.body, count, true);
    for (let i = 0; i < count; i++) view.setUint32(OFFSET.body + 4 + 32 * i, i, false);
    expect(decodeFile(resealed(bytes), anySignature).packages.length).toBe(32 * count);
  });
});

describe("a mutated file", () => {
  /** One change to a file: overwrite, insert, remove or repeat some bytes. */
  const change = fc.record({
    kind: fc.constantFrom("set", "flip", "insert", "remove", "repeat"),
    at: fc.nat(1 << 12),
    size: fc.integer({ min: 1, max: 40 }),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('"{}[]:,\\u0019AZ@_\0\x80'))),
  });
  const mutation = fc.record({
    file: fc.constantFrom(...files),
    changes: fc.array(change, { minLength: 1, maxLength: 3 }),
    mended: fc.boolean(),
  });
  const originals = new Map(files.map((file) => [file, readVector(file)]));

  test("is refused, or gives the same bytes again", () => {
    let accepted = 0;
    fc.assert(
      fc.property(mutation, ({ file, changes, mended }) => {
        let bytes = originals.get(file) ?? new Uint8Array();
        for (const one of changes) bytes = mutate(bytes, one);
        if (mended && bytes.length >= OFFSET.body) bytes = resealed(bytes);
        let decoded;
        try {
          decoded = decodeFile(bytes, anySignature);
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
          const { offset, field, expected, found } = error.fault;
          if (offset < 0 || offset > bytes.length)
            throw new Error(`offset ${offset}`, { cause: error });
          if (field === "" || expected === "" || found === "") throw error;
          // What the file holds must not reach a terminal as it is.
          if (/\p{Cc}/u.test(error.message)) throw error;
          return;
        }
        accepted++;
        if (Buffer.compare(encodeFile(decoded), bytes) !== 0) throw new Error("not canonical");
      }),
      { numRuns: 100_000, seed: SEED },
    );
    // Most mended ones break another rule; enough must pass for the second half to mean something.
    expect(accepted).toBeGreaterThan(1_000);
  });
});

function mutate(
  bytes: Uint8Array,
  change: { kind: string; at: number; size: number; byte: number },
): Uint8Array {
  const at = bytes.length === 0 ? 0 : change.at % bytes.length;
  const before = bytes.subarray(0, at);
  switch (change.kind) {
    case "set":
      return Buffer.concat([before, Uint8Array.of(change.byte), bytes.subarray(at + 1)]);
    case "flip":
      return Buffer.concat([
        before,
        Uint8Array.of((bytes[at] ?? 0) ^ (1 << (change.size % 8))),
        bytes.subarray(at + 1),
      ]);
    case "insert":
      return Buffer.concat([
        before,
        new Uint8Array(change.size).fill(change.byte),
        bytes.subarray(at),
      ]);
    case "remove":
      return Buffer.concat([before, bytes.subarray(at + change.size)]);
    default:
      return Buffer.concat([before, bytes.subarray(at, at + change.size), bytes.subarray(at)]);
  }
}

/** A copy with the checksum and the unsigned seal that fit it. */
function resealed(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes);
  writeCrc64(copy, OFFSET.checksum, crc64(copy.subarray(OFFSET.record, OFFSET.checksum)));
  if (copy.subarray(OFFSET.keyId, OFFSET.seal).every((byte) => byte === 0)) {
    writeCrc64(copy, OFFSET.seal, unsignedSeal(copy));
  }
  return copy;
}

function expectCanonical(bytes: Uint8Array): void {
  const decoded = decodeFile(bytes, anySignature);
  expect(Buffer.compare(encodeFile(decoded), bytes)).toBe(0);
}

/** A file with one optional section, as long as it takes. */
function fileOfBody(size: number): Uint8Array {
  const bytes = new Uint8Array(OFFSET.body + size);
  bytes.set(readVector("valid/no_sections.lockb"));
  bytes.set(new TextEncoder().encode("Blob"), OFFSET.body + 4);
  new DataView(bytes.buffer).setUint32(OFFSET.body + 8, size - 12, true);
  return resealed(bytes);
}
