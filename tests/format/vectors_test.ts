import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { makeVectors } from "../../scripts/vectors/index.ts";
import { headerFlags } from "../../src/format/flag_set.ts";
import { FormatError, ImmuconfigError } from "../../src/base/errors.ts";
import { hexBytes, hexCrc64 } from "../../src/format/bytes.ts";
import { decodeFile, encodeFile } from "../../src/format/file.ts";
import { recordToText, settingsChecksum, TERMINAL_MODES } from "../../src/format/record.ts";
import { registryHash } from "../../src/format/registry_url.ts";
import { errorOf } from "../support/errors.ts";
import { trustRule } from "../support/signing.ts";
import { readVector, vectorPath } from "../support/vectors.ts";
import index from "../vectors/index.json" with { type: "json" };
import faultWords from "./fault_words.json" with { type: "json" };

const folder = vectorPath("");

const valid = index.vectors.filter((vector) => vector.valid);
const invalid = index.vectors.filter((vector) => !vector.valid);

describe("the committed vectors", () => {
  const made = makeVectors();

  test("are what scripts/make_vectors.ts makes", () => {
    const committed = ["valid", "invalid"].flatMap((part) =>
      readdirSync(join(folder, part)).map((name) => `${part}/${name}`),
    );
    expect([...committed, "index.json"].toSorted()).toEqual([...made.keys()].toSorted());
    for (const [file, bytes] of made) {
      expect(Buffer.compare(readVector(file), bytes), `${file}: run scripts/make_vectors.ts`).toBe(
        0,
      );
    }
  });

  test("hold the golden values of the design", () => {
    const defaults = valid.find(({ file }) => file === "valid/defaults.lockb");
    expect(defaults?.record).toBe("014074c8c80400000001185099");
    expect(defaults?.checksum).toBe("25a22d89f45f7899");
    expect(registryHash("https://registry.example.test")).toBe(0xc8c87440);
    const bare = valid.find(({ file }) => file === "valid/no_sections.lockb");
    expect(bare?.record).toBe("01c79ae5840000000001185053");
  });
});

describe("a valid vector", () => {
  const check = trustRule(index.trustedKey);

  test.each(valid)("$file: $proves", (vector) => {
    const bytes = readVector(vector.file);
    const file = decodeFile(bytes, (whole, signature) => {
      if (signature !== null) check(whole, signature);
    });
    expect(recordToText(file.record)).toBe(vector.record ?? "");
    expect(hexCrc64(settingsChecksum(file.record))).toBe(vector.checksum ?? "");
    expect({
      ...file.record,
      featureFlags: headerFlags(file.record.featureFlags),
      terminalMode: TERMINAL_MODES.indexOf(file.record.terminalMode),
    }).toEqual({
      version: vector.version ?? -1,
      registryHash: vector.registryHash ?? -1,
      featureFlags: vector.featureFlags ?? -1,
      terminalMode: vector.terminalMode ?? -1,
      rows: vector.rows ?? -1,
      cols: vector.cols ?? -1,
    });
    expect(file.generation).toBe(vector.generation ?? -1);
    expect(file.frozen).toBe(vector.frozen ?? !file.frozen);
    expect(hexBytes(file.signature?.keyId ?? new Uint8Array(8))).toBe(vector.keyId ?? "");
    expect(file.packages.length).toBe(32 * (vector.packageCount ?? -1));
    expect([...file.flags]).toEqual(vector.flags ?? []);
    const extensions = (vector.sections ?? []).filter(({ tag }) => /^[A-Z]/.test(tag));
    expect(
      file.extensions.map(({ tag, offset, payload }) => ({ tag, offset, size: payload.length })),
    ).toEqual(extensions);
    expect(Buffer.compare(encodeFile(file), bytes)).toBe(0);
  });
});

describe("an invalid vector", () => {
  const structural = invalid.filter(({ layer }) => layer !== "signature");

  test.each(structural)("$file: $proves", ({ file, error: expected }) => {
    const error = errorOf(() => decodeFile(readVector(file), () => undefined));
    if (!(error instanceof FormatError))
      throw new Error(`${file} was not refused`, { cause: error });
    const { offset, field, expected: wanted, found } = error.fault;
    expect({ offset, field }).toEqual(expected ?? { offset: -1, field: "" });
    expect(error.code).toBe("ERR_FORMAT");
    expect(error.message).toBe(`offset ${offset}, ${field}: expected ${wanted}, found ${found}`);
  });

  test("says what was expected and what was found", () => {
    const said = Object.fromEntries(
      structural.map(({ file }) => {
        const error = errorOf(() => decodeFile(readVector(file), () => undefined));
        if (!(error instanceof FormatError)) throw new Error(file, { cause: error });
        return [file.slice("invalid/".length), [error.fault.expected, error.fault.found]];
      }),
    );
    expect(said).toEqual(faultWords);
  });

  const signatures = invalid.filter(({ layer }) => layer === "signature");

  test.each(signatures)("$file: $proves", ({ file }) => {
    const error = errorOf(() => decodeFile(readVector(file), trustRule(index.trustedKey)));
    expect(error).toBeInstanceOf(ImmuconfigError);
    expect(error).toHaveProperty("code", "ERR_SIGNATURE");
  });
});
