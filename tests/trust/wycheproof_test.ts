import { expect, test } from "bun:test";
import { parseHex } from "../../src/format/bytes.ts";
import { holds } from "../../src/trust/file_signature.ts";
import wycheproof from "../vectors/wycheproof_ed25519.json" with { type: "json" };

function bytesOf(hex: string): Uint8Array {
  const bytes = parseHex(hex);
  if (bytes === undefined) throw new Error(`${hex} is not hex`);
  return bytes;
}

// Signatures cut short, made long, malleable, for other messages: what a lax check lets through.
test("every signature of Wycheproof gets its verdict", () => {
  const wrong = wycheproof.tests.filter(({ publicKey, message, signature, valid }) => {
    const key = bytesOf(publicKey);
    return holds(bytesOf(message), bytesOf(signature), key) !== valid;
  });
  expect(wrong.map(({ id, comment }) => `${id}: ${comment}`)).toEqual([]);
  expect(wycheproof.tests.length).toBeGreaterThan(100);
});
