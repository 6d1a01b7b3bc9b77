/** Valid files of every shape, and hostile ones made from them. */

import type { Section } from "../../src/format/body.ts";
import { compareBytes, readUint32, writeCrc64, writeUint32 } from "../../src/format/bytes.ts";
import { type FlagSet, flagSetOfWords } from "../../src/format/flag_set.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import { type Signature, unsignedSeal } from "../../src/format/header.ts";
import { OFFSET, SETTINGS_SIZE } from "../../src/format/layout.ts";
import { type Record, TERMINAL_MODES } from "../../src/format/record.ts";
import { crc64 } from "../../src/hash.ts";
import type { Random } from "../support/random.ts";

const FLAG_NAMES = ["DEBUG", "Premium", "a", "b.2", "X".repeat(60), "new-checkout", "BETA_2"];
const EXTENSION_TAGS = ["Abcd", "Abce", "Zz09", "Flag", "Meta"];

export function randomRecord(random: Random): Record {
  return {
    version: random.below(2),
    registryHash: random.uint32(),
    featureFlags: randomFlags(random),
    terminalMode: random.pick(TERMINAL_MODES),
    rows: random.below(256),
    cols: random.below(256),
  };
}

/** Mostly those of the header alone. */
function randomFlags(random: Random): FlagSet {
  const words = Array.from({ length: random.pick([1, 1, 2, 3, 32]) }, () => random.uint32());
  return flagSetOfWords(Uint32Array.from(words));
}

/** A valid file, signed or not, with any of the parts that a file can have. */
export function randomFile(random: Random): Uint8Array {
  const signature =
    random.below(4) === 0
      ? { keyId: random.bytes(7 + 1).fill(1, 0, 1), bytes: random.bytes(64) }
      : null;
  const file: File = {
    record: randomRecord(random),
    generation: random.uint32(),
    frozen: random.below(2) === 0,
    signature,
    packages: randomPackages(random),
    flags: FLAG_NAMES.slice(0, random.below(FLAG_NAMES.length + 1)).map((name, index) => ({
      bit: index * 146 + random.below(146),
      name,
    })),
    meta: random.below(2) === 0 ? {} : { project: "fuzzed" },
    extensions: randomExtensions(random),
    ...(signature === null || random.below(2) === 0 ? {} : { cosignatures: cosignatures(random) }),
  };
  return encodeFile(file);
}

function cosignatures(random: Random): Signature[] {
  return Array.from({ length: 1 + random.below(3) }, (_, index) => ({
    keyId: random.bytes(8).fill(index + 1, 0, 1),
    bytes: random.bytes(64),
  }));
}

function randomPackages(random: Random): Uint8Array {
  const records = Array.from({ length: random.below(5) }, () => random.bytes(32));
  return Buffer.concat(records.toSorted(compareBytes));
}

function randomExtensions(random: Random): Section[] {
  return EXTENSION_TAGS.filter(() => random.below(4) === 0).map((tag) => ({
    tag,
    payload: random.bytes(random.below(20)),
    offset: 0,
  }));
}

/** Bytes that a mutation likes to write: edges of ranges, and letters of tags and names. */
const INTERESTING = [
  0, 1, 2, 3, 4, 31, 32, 59, 60, 61, 64, 65, 90, 95, 97, 102, 109, 122, 127, 255,
];

/**
 * Damages a copy of `base` in `room`, at one to three places, and mostly mends the checksums
 * afterwards, so that the faults behind them are reached.
 *
 * @param room at least 64 bytes longer than `base`
 * @returns the part of `room` that is the hostile file
 */
export function mutate(base: Uint8Array, room: Uint8Array, random: Random): Uint8Array {
  room.set(base);
  let length = base.length;
  for (let times = 1 + random.below(3); times > 0; times--) {
    length = mutateOnce(room, length, random);
  }
  const bytes = room.subarray(0, length);
  if (random.below(8) !== 0 && length >= OFFSET.body) mendChecks(bytes);
  return bytes;
}

function mutateOnce(room: Uint8Array, length: number, random: Random): number {
  const at = random.below(length);
  switch (random.below(8)) {
    case 0:
      room[at] = (room[at] ?? 0) ^ (1 << random.below(8));
      return length;
    case 1:
      room[at] = random.pick(INTERESTING);
      return length;
    case 2:
      // Behind the header, where a whole word may be a count or a length.
      if (length >= OFFSET.body + 8) {
        const word = OFFSET.body + random.below(length - OFFSET.body - 4);
        writeUint32(room, word, readUint32(room, word) + random.below(9) - 4);
      }
      return length;
    case 3:
      // A cut: nearly always of the body, for the header's is soon told.
      return random.below(16) === 0 ? at : Math.max(at, Math.min(length, OFFSET.body + 4));
    case 4: {
      const extra = 1 + random.below(16);
      if (length + extra > room.length) return length;
      for (let i = 0; i < extra; i++) room[length + i] = random.pick(INTERESTING);
      return length + extra;
    }
    case 5: {
      // One part over another: packages twice, sections twice, entries in the wrong order.
      const size = random.pick([4, 8, 32, 64]);
      room.copyWithin(random.below(length), at, Math.min(at + size, length));
      return length;
    }
    case 6:
      room[random.below(Math.min(length, OFFSET.body))] = random.below(256);
      return length;
    default:
      if (length > OFFSET.seal) room.fill(0, OFFSET.keyId, OFFSET.seal);
      return length;
  }
}

/** Makes the checksum right, and the seal of an unsigned file. */
function mendChecks(bytes: Uint8Array): void {
  const settings = bytes.subarray(OFFSET.record, OFFSET.record + SETTINGS_SIZE);
  writeCrc64(bytes, OFFSET.checksum, crc64(settings));
  const signed = bytes.subarray(OFFSET.keyId, OFFSET.seal).some((byte) => byte !== 0);
  if (signed) return;
  bytes.fill(0, OFFSET.sealPadding, OFFSET.body);
  writeCrc64(bytes, OFFSET.seal, unsignedSeal(bytes));
}
