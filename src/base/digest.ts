/** SHA-256, and the SHA-1 of git's names. */

type Algorithm = "sha1" | "sha256";
type Part = string | Uint8Array;

const SHA256_SIZE = 32;

/** The digest of all parts, one after the other, in hex. */
export function digest(algorithm: Algorithm, ...parts: readonly Part[]): string {
  return digestBytes(algorithm, parts).toString("hex");
}

/** SHA-256 of all parts, one after the other, in hex. */
export function sha256(...parts: readonly Part[]): string {
  return digest("sha256", ...parts);
}

/** SHA-256 of bytes or a text, as 32 bytes. */
export function sha256Bytes(part: Part): Uint8Array {
  if (typeof Bun === "undefined") return new Uint8Array(digestBytes("sha256", [part]));
  // A hasher for each of a lockfile's thousands of packages would take twice as long.
  const bytes = new Uint8Array(SHA256_SIZE);
  Bun.SHA256.hash(part, bytes);
  return bytes;
}

/** By Bun's own hasher where there is one: node:crypto takes longer to load than most commands run. */
function digestBytes(algorithm: Algorithm, parts: readonly Part[]): Buffer {
  const hash =
    typeof Bun === "undefined"
      ? process.getBuiltinModule("node:crypto").createHash(algorithm)
      : new Bun.CryptoHasher(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
