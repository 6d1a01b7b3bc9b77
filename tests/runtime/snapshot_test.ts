import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { recordToText } from "../../src/format/record.ts";
import { registryHash } from "../../src/format/registry_url.ts";
import { load, parse } from "../../src/runtime/load.ts";
import { snapshot } from "../../src/runtime/snapshot.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { errorOf } from "../support/errors.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { readVector, TRUSTED_KEY, vectorPath } from "../support/vectors.ts";

const temporaryFolder = useTemporaryFolders();

const DEFAULTS = {
  version: 1,
  features: { DEBUG: true },
  registry: { url: "https://registry.example.test", hash: "c8c87440" },
  terminal: { mode: "cooked", rows: 24, cols: 80 },
  record: "014074c8c80400000001185099",
  generation: 1,
} as const;

function expectFrozen(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const member of Object.values(value)) expectFrozen(member);
}

describe("a snapshot", () => {
  const config = parse(readVector("valid/defaults.lockb"));

  test("shows the record in plain words", () => {
    expect(config).toEqual(DEFAULTS);
    expect(JSON.parse(JSON.stringify(config))).toEqual(DEFAULTS);
    expect(Object.getPrototypeOf(config)).toBe(Object.prototype);
  });

  test("is frozen to its depth", () => {
    expectFrozen(config);
    const open = config as { version: number; features: Record<string, boolean> };
    expect(() => (open.version = 2)).toThrow(TypeError);
    expect(() => (open.features["DEBUG"] = false)).toThrow(TypeError);
    expect(() => (open.features["NEW"] = true)).toThrow(TypeError);
    expect(() => delete open.features["DEBUG"]).toThrow(TypeError);
    expect(config).toEqual(DEFAULTS);
  });

  test("does not follow the bytes it was made from", () => {
    const bytes = readVector("valid/defaults.lockb");
    const parsed = parse(bytes);
    bytes.fill(0);
    expect(parsed).toEqual(DEFAULTS);
  });

  test("leaves out a retired flag, unless the record has it on", () => {
    const file = {
      ...PLAIN_FILE,
      meta: { ...PLAIN_FILE.meta, flags: { DEBUG: { retired: true as const } } },
    };
    expect(snapshot(file).features).toEqual({});
    expect(snapshot(PLAIN_FILE).features).toEqual({ DEBUG: false });
    const old = { ...PLAIN_FILE.record, featureFlags: 4n };
    expect(snapshot(file, old).features).toEqual({ DEBUG: true });
  });

  test("shows every flag of a full table", () => {
    const { features } = parse(readVector("valid/all_flags.lockb"));
    expect(Object.keys(features)).toHaveLength(1024);
    expect(Object.values(features)).not.toContain(false);
  });

  test("has a URL only when the file holds one for the hash", () => {
    expect(parse(readVector("valid/no_sections.lockb")).registry).toEqual({
      url: null,
      hash: "84e59ac7",
    });
    const url = "https://npm.example.test";
    const scoped = {
      ...PLAIN_FILE,
      meta: { registries: { ...PLAIN_FILE.meta.registries, "@acme": url } },
    };
    const moved = { ...PLAIN_FILE.record, registryHash: registryHash(url) };
    expect(snapshot(scoped, moved).registry.url).toBe(url);
    expect(snapshot(scoped).registry.url).toBe("https://registry.example.test");
    const other = { ...PLAIN_FILE.record, registryHash: 1 };
    expect(snapshot(PLAIN_FILE, other).registry).toEqual({ url: null, hash: "00000001" });
  });

  test("under a pin has the file's generation only while the record is the file's", () => {
    expect(snapshot(PLAIN_FILE, PLAIN_FILE.record).generation).toBe(1);
    const other = { ...PLAIN_FILE.record, rows: 25 };
    expect(snapshot(PLAIN_FILE, other).generation).toBeNull();
  });
});

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

describe("load", () => {
  test("gives the frozen view of a file", () => {
    const config = load(vectorPath("valid/defaults.lockb"));
    expect(config).toEqual(DEFAULTS);
    expectFrozen(config);
  });

  test("gives the same object for the same bytes, and another for others", () => {
    const path = writeConfigFile(temporaryFolder());
    const first = load(path);
    expect(load(path)).toBe(first);
    writeFileSync(path, encodeFile({ ...PLAIN_FILE, generation: 2 }));
    const second = load(path);
    expect([first.generation, second.generation]).toEqual([1, 2]);
    writeFileSync(path, "broken");
    expect(errorOf(() => load(path))).toHaveProperty("code", "ERR_FORMAT");
  });

  test("of the same bytes looks again when the path, the pin or the keys are others", () => {
    const path = writeConfigFile(temporaryFolder());
    const other = writeConfigFile(temporaryFolder());
    const pinned = recordToText({ ...PLAIN_FILE.record, rows: 99 });
    const { env } = process;
    const { IMMUCONFIG_PIN, IMMUCONFIG_TRUSTED_KEYS } = env;
    try {
      expect(load(path).terminal.rows).toBe(24);
      env["IMMUCONFIG_PIN"] = `${pinned}@${other}`;
      expect(load(path).terminal.rows).toBe(24);
      expect(load(other).terminal.rows).toBe(99);
      expect(load(path).terminal.rows).toBe(24);
      env["IMMUCONFIG_PIN"] = "off";
      expect(load(other).terminal.rows).toBe(24);
      env["IMMUCONFIG_TRUSTED_KEYS"] = TRUSTED_KEY;
      expect(errorOf(() => load(other))).toHaveProperty("code", "ERR_SIGNATURE");
    } finally {
      restore("IMMUCONFIG_PIN", IMMUCONFIG_PIN);
      restore("IMMUCONFIG_TRUSTED_KEYS", IMMUCONFIG_TRUSTED_KEYS);
    }
  });

  test("names the file, the byte and the way out when the file is broken", () => {
    const folder = join(temporaryFolder(), "it's $HOME");
    mkdirSync(folder);
    const path = writeConfigFile(folder);
    const bytes = readFileSync(path);
    bytes[9] = 255;
    writeFileSync(path, bytes);
    const error = errorOf(() => load(path));
    expect(error).toHaveProperty("code", "ERR_FORMAT");
    expect(error).toHaveProperty("fault.field", "checksum");
    expect(error).toHaveProperty(
      "message",
      expect.stringContaining(`${path} is not valid: offset 16`),
    );
    expect(error).toHaveProperty(
      "hint",
      `Restore it: git restore '${path.replaceAll("'", String.raw`'\''`)}'`,
    );
  });

  test("does not find what is not there", () => {
    const path = `${temporaryFolder()}/bunfig.lockb`;
    expect(errorOf(() => load(path))).toHaveProperty("code", "ERR_NOT_FOUND");
  });

  test("does not show an older file's bytes after a shorter one was read", () => {
    const large = vectorPath("valid/all_flags.lockb");
    const small = vectorPath("valid/no_sections.lockb");
    expect(Object.keys(load(large).features)).toHaveLength(1024);
    expect(load(small).features).toEqual({});
    expect(Object.keys(load(large).features)).toHaveLength(1024);
  });
});
