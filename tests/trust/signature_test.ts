import { describe, expect, test } from "bun:test";
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { FormatError, ImmuconfigError } from "../../src/base/errors.ts";
import { hexBytes, parseHex } from "../../src/format/bytes.ts";
import { type File, decodeFile, encodeFile } from "../../src/format/file.ts";
import { keyIdOf, parsePublicKey } from "../../src/trust/file_signature.ts";
import { errorOf } from "../support/errors.ts";
import { signedBySeed, trustRule } from "../support/signing.ts";
import { readVector, TRUSTED_KEY } from "../support/vectors.ts";
import known from "../vectors/ed25519.json" with { type: "json" };

const [first, second] = known;
if (first === undefined || second === undefined) throw new Error("two known keys are needed");

function bytesOf(hex: string): Uint8Array {
  const bytes = parseHex(hex);
  if (bytes === undefined) throw new Error(`${hex} is not hex`);
  return bytes;
}

function codeOf(action: () => unknown): string {
  const error = errorOf(action);
  if (error instanceof ImmuconfigError && !(error instanceof FormatError)) return error.code;
  throw new Error("another error", { cause: error });
}

const unsigned: File = decodeFile(readVector("valid/full_meta.lockb"), () => undefined);

describe("Ed25519", () => {
  // The primitive is the platform's: this shows that the keys of this folder are read as the
  // platform reads them, and that it computes what RFC 8032 says.
  test.each([...known])("gives the known signature of $name", (vector) => {
    const key = createPrivateKey({
      key: Buffer.from(`302e020100300506032b657004220420${vector.seed}`, "hex"),
      format: "der",
      type: "pkcs8",
    });
    const message = bytesOf(vector.message);
    expect(sign(null, message, key).toString("hex")).toBe(vector.signature);
    expect(verify(null, message, createPublicKey(key), bytesOf(vector.signature))).toBe(true);
    expect(hexBytes(parsePublicKey(vector.publicKey))).toBe(vector.publicKey);
  });
});

describe("a signed file", () => {
  test.each([...known])("is accepted from the key of $name", async ({ seed, publicKey }) => {
    const bytes = encodeFile(await signedBySeed(unsigned, bytesOf(seed)));
    const file = decodeFile(bytes, trustRule(publicKey));
    expect(hexBytes(file.signature?.keyId ?? new Uint8Array())).toBe(
      hexBytes(keyIdOf(bytesOf(publicKey))),
    );
    expect({ ...file, signature: null }).toEqual({ ...unsigned, signature: null } as never);
    expect(Buffer.compare(encodeFile(file), bytes)).toBe(0);
  });

  test("is the golden vector, byte for byte", async () => {
    const golden = readVector("valid/signed.lockb");
    const file = decodeFile(golden, trustRule(TRUSTED_KEY));
    const again = encodeFile(await signedBySeed({ ...file, signature: null }, bytesOf(first.seed)));
    expect(hexBytes(again)).toBe(hexBytes(golden));
  });

  test("is accepted when its key is one of several", async () => {
    const bytes = encodeFile(await signedBySeed(unsigned, bytesOf(second.seed)));
    expect(() =>
      decodeFile(bytes, trustRule(`${first.publicKey}, ${second.publicKey}`)),
    ).not.toThrow();
  });

  test("is refused when another key is trusted", async () => {
    const bytes = encodeFile(await signedBySeed(unsigned, bytesOf(first.seed)));
    expect(codeOf(() => decodeFile(bytes, trustRule(second.publicKey)))).toBe("ERR_SIGNATURE");
  });

  test("is refused when no key is trusted", async () => {
    const bytes = encodeFile(await signedBySeed(unsigned, bytesOf(first.seed)));
    expect(codeOf(() => decodeFile(bytes, trustRule(undefined)))).toBe("ERR_SIGNATURE");
    expect(codeOf(() => decodeFile(bytes, trustRule("")))).toBe("ERR_VALUE");
  });

  test("is refused when another key signed under its key id", async () => {
    const file = await signedBySeed(unsigned, bytesOf(second.seed));
    const keyId = keyIdOf(bytesOf(first.publicKey));
    const forged = encodeFile({
      ...file,
      signature: { keyId, bytes: file.signature?.bytes ?? new Uint8Array(64) },
    });
    expect(codeOf(() => decodeFile(forged, trustRule(first.publicKey)))).toBe("ERR_SIGNATURE");
  });

  test("is refused with S + L, the other signature that a lax check accepts", async () => {
    const file = await signedBySeed(unsigned, bytesOf(first.seed));
    const bytes = new Uint8Array(file.signature?.bytes ?? new Uint8Array(64));
    let s = 0n;
    for (let i = 63; i >= 32; i--) s = (s << 8n) | BigInt(bytes[i] ?? 0);
    s += 2n ** 252n + 27742317777372353535851937790883648493n;
    for (let i = 32; i < 64; i++, s >>= 8n) bytes[i] = Number(s & 0xffn);
    expect(s).toBe(0n);
    const forged = encodeFile({
      ...file,
      signature: { keyId: keyIdOf(bytesOf(first.publicKey)), bytes },
    });
    expect(codeOf(() => decodeFile(forged, trustRule(first.publicKey)))).toBe("ERR_SIGNATURE");
  });
});

describe("an unsigned file", () => {
  test("is refused when a key is trusted", () => {
    const bytes = readVector("valid/defaults.lockb");
    expect(codeOf(() => decodeFile(bytes, trustRule(first.publicKey)))).toBe("ERR_SIGNATURE");
    expect(() => decodeFile(bytes, trustRule(undefined))).not.toThrow();
  });
});

const P = 2n ** 255n - 19n;

function reversedHex(hex: string): string {
  return hexBytes(bytesOf(hex).toReversed());
}

/** 32 bytes, little-endian. */
function hex255(value: bigint): string {
  return reversedHex(value.toString(16).padStart(64, "0"));
}

function keyList(count: number): string {
  return Array.from({ length: count }, () => TRUSTED_KEY).join(",");
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % P;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** Doubles the y coordinate of a point of -x² + y² = 1 + d x² y². */
function doubled(y: bigint): bigint {
  const d = (P - 121665n) * power(121666n, P - 2n);
  const y2 = (y * y) % P;
  const x2 = (y2 - 1n + P) * power((d * y2 + 1n) % P, P - 2n);
  return (((((y2 + x2) % P) * power((((2n + x2 - y2) % P) + P) % P, P - 2n)) % P) + P) % P;
}

describe("a public key", () => {
  // Points of order 1, 2, 4 and 8, found here from the curve's equation, each in every encoding.
  test("of small order is refused", () => {
    const order8 = [
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ].map((hex) => BigInt(`0x${reversedHex(hex)}`));
    for (const y of order8) {
      expect(doubled(y)).toBe(0n);
      expect(doubled(doubled(y))).toBe(P - 1n);
      expect(doubled(doubled(doubled(y)))).toBe(1n);
    }
    const canonical = [0n, 1n, P - 1n, ...order8];
    // Encodings of 2^255 - 19 and above stand for small y.
    for (const y of [...canonical, P, P + 1n]) {
      for (const sign255 of [0n, 1n << 255n]) {
        expect(codeOf(() => parsePublicKey(hex255(y | sign255)))).toBe("ERR_VALUE");
      }
    }
  });

  test.each([
    ["", "nothing"],
    [`${first.publicKey}00`, "33 bytes"],
    [first.publicKey.slice(2), "31 bytes"],
    [first.publicKey.replace("d", "g"), "a letter that is not hex"],
    [`0x${first.publicKey.slice(2)}`, "a prefix"],
  ])("%p is refused: %s", (text) => {
    expect(codeOf(() => parsePublicKey(text))).toBe("ERR_VALUE");
  });

  test("list of more than 16 is refused", () => {
    const bytes = readVector("valid/signed.lockb");
    expect(codeOf(() => decodeFile(bytes, trustRule(keyList(17))))).toBe("ERR_VALUE");
    expect(() => decodeFile(bytes, trustRule(keyList(16)))).not.toThrow();
  });

  test("list with an empty entry is refused", () => {
    const bytes = readVector("valid/signed.lockb");
    expect(codeOf(() => decodeFile(bytes, trustRule(`${first.publicKey},`)))).toBe("ERR_VALUE");
  });
});
