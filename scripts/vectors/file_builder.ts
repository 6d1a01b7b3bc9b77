// Builds files of the format from docs/format.md alone. It shares no code with src/format, so
// that a vector cannot inherit a mistake of the codec that it tests.

const HEADER_SIZE = 104;

export interface RawSection {
  tag: string;
  payload: Uint8Array;
}

export interface RawFile {
  version?: number;
  registryHash?: number;
  featureFlags?: number;
  terminalMode?: number;
  rows?: number;
  cols?: number;
  generation?: number;
  state?: number;
  /** Default: as many as there are. */
  packageCount?: number;
  packages?: Uint8Array[];
  sections?: RawSection[];
}

const utf8 = new TextEncoder();

/** An unsigned file, sealed, whatever its fields say. */
export function buildFile(raw: RawFile): Uint8Array {
  const packages = raw.packages ?? [];
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, raw.packageCount ?? packages.length, true);
  const sections = (raw.sections ?? []).map(({ tag, payload }) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, payload.length, true);
    return join(utf8.encode(tag), length, payload);
  });
  const bytes = join(new Uint8Array(HEADER_SIZE), count, ...packages, ...sections);
  const view = new DataView(bytes.buffer);
  bytes.set(utf8.encode("BUN1"));
  view.setUint8(4, raw.version ?? 1);
  view.setUint32(5, raw.registryHash ?? 0, true);
  view.setUint32(9, raw.featureFlags ?? 0, true);
  view.setUint8(13, raw.terminalMode ?? 1);
  view.setUint8(14, raw.rows ?? 24);
  view.setUint8(15, raw.cols ?? 80);
  view.setUint32(24, raw.generation ?? 1, true);
  view.setUint32(28, raw.state ?? 0, true);
  return reseal(bytes);
}

/** Writes the checksum and the unsigned seal anew. */
export function reseal(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, crc64(bytes.subarray(4, 16)), true);
  view.setBigUint64(40, crc64(join(bytes.subarray(0, 40), bytes.subarray(HEADER_SIZE))), true);
  return bytes;
}

/** A copy with other bytes at an offset; checksum and seal stay as they are. */
export function patch(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  const copy = bytes.slice();
  copy.set(values, offset);
  return copy;
}

export interface RawFlag {
  bit: number;
  name: string;
  /** Default: the name's. */
  nameLength?: number;
}

/** @param words flags 32 to 63, 64 to 95, and so on */
export function bitsSection(...words: number[]): RawSection {
  const payload = new Uint8Array(4 * words.length);
  const view = new DataView(payload.buffer);
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word, true);
  return { tag: "bits", payload };
}

export function flagSection(...flags: RawFlag[]): RawSection {
  const entries = flags.map(({ bit, name, nameLength }) => {
    const entry = new Uint8Array(64);
    entry.set([bit % 256, bit >> 8, nameLength ?? name.length, 0, ...utf8.encode(name)]);
    return entry;
  });
  return { tag: "flag", payload: join(...entries) };
}

/** @param firstBytes of the key ids */
export function sigsSection(...firstBytes: number[]): RawSection {
  const entries = firstBytes.map((first) => new Uint8Array(72).fill(first, 0, 1));
  return { tag: "sigs", payload: join(...entries) };
}

/** @param json exactly as it is to stand in the file */
export function metaSection(json: string): RawSection {
  return { tag: "meta", payload: utf8.encode(json) };
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** CRC-64/XZ, a bit at a time, from its definition. */
export function crc64(bytes: Uint8Array): bigint {
  let crc = 0xffff_ffff_ffff_ffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0xc96c_5795_d787_0f42n : crc >> 1n;
    }
  }
  return crc ^ 0xffff_ffff_ffff_ffffn;
}
