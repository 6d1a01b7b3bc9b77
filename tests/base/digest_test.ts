import { expect, test } from "bun:test";
import { join } from "node:path";
import { digest, sha256, sha256Bytes } from "../../src/base/digest.ts";
import { REPOSITORY } from "../support/repository.ts";

/** FIPS 180-2, appendices A.1 and B.1. */
const ABC_SHA1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
const ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

test("parts count as one text, as texts and as bytes", () => {
  expect(sha256("abc")).toBe(ABC_SHA256);
  expect(sha256("a", Buffer.from("bc"))).toBe(ABC_SHA256);
  expect(digest("sha1", "ab", "c")).toBe(ABC_SHA1);
  expect(Buffer.from(sha256Bytes("abc")).toString("hex")).toBe(ABC_SHA256);
  expect(sha256()).toStartWith("e3b0c442");
});

test("Node has the same digests", async () => {
  const built = await Bun.build({
    entrypoints: [join(REPOSITORY, "src/base/digest.ts")],
    target: "node",
  });
  const text = `${await built.outputs[0]?.text()}
console.log(sha256("a", Buffer.from("bc")), digest("sha1", "abc"), sha256Bytes("abc").length);`;
  const node = Bun.spawnSync(["node", "--input-type=module", "-e", text]);
  expect(node.stdout.toString()).toBe(`${ABC_SHA256} ${ABC_SHA1} 32\n`);
});
