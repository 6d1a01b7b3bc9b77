/** Files whose texts do not stand in their bytes. */

/** By the bytes with which such a file begins, in hex. */
const STARTS: Readonly<Record<string, string>> = {
  "1f8b": "packed by gzip",
  "28b52ffd": "packed by zstd",
  "504b0304": "a zip archive",
  fd377a585a00: "packed by xz",
  "425a68": "packed by bzip2",
  "377abcaf271c": "a 7z archive",
  "04224d18": "packed by lz4",
  fffe: "text in UTF-16",
  feff: "text in UTF-16",
};
const START_SIZE_MAX = 6;

/**
 * What a file is in which nothing can be found as it is.
 *
 * @param name that Brotli is known by alone: its bytes begin with anything
 * @returns in words; undefined for all others
 */
export function packing(name: string, bytes: Uint8Array): string | undefined {
  if (/\.br$/i.test(name)) return "packed by Brotli";
  const start = Buffer.from(bytes.subarray(0, START_SIZE_MAX)).toString("hex");
  return Object.entries(STARTS).find(([hex]) => start.startsWith(hex))?.[1];
}
