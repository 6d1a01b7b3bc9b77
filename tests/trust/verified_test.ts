import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hexBytes } from "../../src/format/bytes.ts";
import { encodeFile, type File } from "../../src/format/file.ts";
import { load } from "../../src/runtime/load.ts";
import { loadRecord } from "../../src/runtime/loaded_record.ts";
import { encodeTrustFile, type ProjectTrust, type TrustedKey } from "../../src/trust/trust_file.ts";
import { policyOfPlace, type TrustPolicy } from "../../src/trust/trust_policy.ts";
import { updateUserTrust } from "../../src/trust/trust_store.ts";
import { readConfigFile, verifyFile } from "../../src/trust/verified.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { errorOf } from "../support/errors.ts";
import { openNativeView } from "../support/native_view.ts";
import { seedSigner, signedBySeed } from "../support/signing.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();
const NOW = new Date("2026-11-20T12:00:00Z");
const [ann, ben, eve] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

function keyOf(seed: Uint8Array, more: Partial<TrustedKey> = {}): TrustedKey {
  return { publicKey: seedSigner(seed).publicKey, role: "record", ...more };
}

const FILE: File = { ...PLAIN_FILE, generation: 5, meta: { ...PLAIN_FILE.meta, project: "shop" } };

/** A machine with a project, and what its user trusts about it. */
class Machine {
  readonly root = temporaryFolder();
  readonly project = join(this.root, "shop");
  readonly path = join(this.project, "bunfig.lockb");
  readonly env = { HOME: join(this.root, "home") };

  constructor() {
    mkdirSync(this.project, { recursive: true });
    mkdirSync(this.env.HOME, { recursive: true });
  }

  async trust(change: Partial<ProjectTrust> = {}): Promise<ProjectTrust> {
    const trust: ProjectTrust = {
      id: "0123456789abcdef0123456789abcdef",
      project: "shop",
      folders: [this.project],
      threshold: 1,
      keys: [keyOf(ann)],
      revoked: [],
      ...change,
    };
    await updateUserTrust(this.env, (projects) => [
      ...projects.filter(({ id }) => id !== trust.id),
      trust,
    ]);
    return trust;
  }

  async sign(file: File = FILE, ...seeds: readonly Uint8Array[]): Promise<void> {
    let signed = file;
    const [only = ann, ...others] = seeds;
    if (others.length === 0) signed = await signedBySeed(file, only);
    else {
      for (const seed of seeds) {
        signed = await signedBySeed(signed, seed, signed.cosignatures ?? []);
      }
    }
    this.write(signed);
  }

  write(file: File, path = this.path): void {
    writeFileSync(path, encodeFile(file));
  }

  read(path = this.path): File {
    return readConfigFile(path, this.env, { now: NOW });
  }

  refusal(path = this.path): string {
    const error = errorOf(() => this.read(path));
    expect(error).toMatchObject({ code: "ERR_SIGNATURE" });
    return String(error);
  }
}

describe("where keys are trusted", () => {
  test("their file is believed, and every other is refused", async () => {
    const machine = new Machine();
    await machine.trust();
    await machine.sign();
    expect(machine.read().generation).toBe(5);
    await machine.sign(FILE, eve);
    expect(machine.refusal()).toContain("is not a trusted one");
    machine.write(FILE);
    expect(machine.refusal()).toContain("the file is not signed");
  });

  test("an unsigned file is refused by every binding", async () => {
    const machine = new Machine();
    machine.write(FILE);
    const view = openNativeView();
    const surroundings = { cwd: machine.project, env: machine.env };
    expect(view(surroundings)).toBeDefined();
    expect(loadRecord(surroundings).path).toBe(machine.path);
    await machine.trust();
    expect(view(surroundings)).toBeUndefined();
    expect(errorOf(() => loadRecord(surroundings))).toMatchObject({ code: "ERR_SIGNATURE" });
  });

  test("a file below the project's folder must be signed as well", async () => {
    const machine = new Machine();
    await machine.trust();
    const below = join(machine.project, "packages", "cart");
    mkdirSync(below, { recursive: true });
    machine.write({ ...FILE, meta: { project: "cart" } }, join(below, "bunfig.lockb"));
    expect(machine.refusal(join(below, "bunfig.lockb"))).toContain("the file is not signed");
    const beside = join(machine.root, "shop2");
    mkdirSync(beside);
    machine.write({ ...FILE, meta: { project: "other" } }, join(beside, "bunfig.lockb"));
    expect(machine.read(join(beside, "bunfig.lockb")).meta.project).toBe("other");
  });

  test("another clone of the project is held to the same", async () => {
    const machine = new Machine();
    await machine.trust();
    await machine.sign();
    const clone = join(machine.root, "clone");
    mkdirSync(clone);
    copyFileSync(machine.path, join(clone, "bunfig.lockb"));
    expect(machine.read(join(clone, "bunfig.lockb")).generation).toBe(5);
    machine.write(FILE, join(clone, "bunfig.lockb"));
    expect(machine.refusal(join(clone, "bunfig.lockb"))).toContain("the file is not signed");
  });

  test("another project's file by the same key is refused", async () => {
    const machine = new Machine();
    await machine.trust();
    await machine.sign({ ...FILE, meta: { project: "blog" } });
    expect(machine.refusal()).toContain("signed for project blog, and shop belongs here");
    await machine.sign({ ...FILE, meta: {} });
    expect(machine.refusal()).toContain("signed for no project");
  });

  test("an older file is refused, across processes, until the user lowers the floor", async () => {
    const machine = new Machine();
    const trust = await machine.trust();
    await machine.sign({ ...FILE, generation: 6 });
    machine.read();
    const floors = join(machine.env.HOME, ".local", "state", "immuconfig", "floors", trust.id);
    expect(readdirSync(floors)).toHaveLength(1);
    await machine.sign(FILE);
    expect(machine.refusal()).toContain("generation 5, and 6 was seen signed");
    readConfigFile(machine.path, machine.env, { now: NOW, lowerFloor: true });
    expect(machine.read().generation).toBe(5);
    expect(readdirSync(floors)).toHaveLength(1);
  });

  test("a floor that cannot be looked at is an error with its folder", async () => {
    const machine = new Machine();
    await machine.trust();
    await machine.sign();
    const state = join(machine.env.HOME, ".local", "state", "immuconfig");
    mkdirSync(state, { recursive: true });
    symlinkSync("floors", join(state, "floors"));
    const error = errorOf(() => readConfigFile(machine.path, machine.env));
    expect(error).toMatchObject({ code: "ERR_READ" });
    expect(String(error)).toContain(join(state, "floors"));
  });

  test("a floor that cannot be kept is told, and stops nobody", async () => {
    const machine = new Machine();
    await machine.trust();
    await machine.sign();
    const bytes = encodeFile(await signedBySeed(FILE, ann));
    writeFileSync(join(machine.env.HOME, ".local"), "a file in the way");
    const { verdict } = verifyFile(bytes, machine.path, machine.env, { now: NOW });
    expect(verdict).toMatchObject({ floor: 5, floorKept: false });
  });

  test.each([
    ["a signature that ended", { expires: "2026-11-19" }, undefined, "ended on 2026-11-19"],
    ["one on its last day", { expires: "2026-11-20" }, undefined, undefined],
    ["an audience, to a reader of none", { audience: ["a"] }, undefined, "meant for a, and this"],
    ["no audience, to a reader of one", undefined, "a", "meant for no audience"],
    ["another audience", { audience: ["a", "b"] }, "c", "meant for a, b, and this machine is c"],
    ["its audience", { audience: ["a", "b"] }, "b", undefined],
  ])("%s", async (_, signed, audience, message) => {
    const machine = new Machine();
    await machine.trust(audience === undefined ? {} : { audience });
    const meta = { ...FILE.meta, ...(signed === undefined ? {} : { signed }) };
    await machine.sign({ ...FILE, meta });
    if (message === undefined) expect(machine.read().generation).toBe(5);
    else expect(machine.refusal()).toContain(message);
  });

  test.each([
    ["revoked", {}, [{ publicKey: keyOf(ann).publicKey, on: "2026-11-01" }], "was revoked on"],
    ["ended", { until: "2026-11-19" }, [], "ended on 2026-11-19"],
    ["for switches alone", { role: "online" as const }, [], "signs no files"],
  ])("a key that is %s counts no more", async (_, more, revoked, message) => {
    const machine = new Machine();
    await machine.trust({ keys: [keyOf(ann, more), keyOf(ben)], revoked });
    await machine.sign();
    expect(machine.refusal()).toContain(message);
    await machine.sign(FILE, ben);
    expect(machine.read().generation).toBe(5);
  });
});

describe("where keys are trusted for switches alone", () => {
  const online = keyOf(eve, { role: "online" });

  test("an unsigned file is believed by every binding, and a signed one is not", async () => {
    const machine = new Machine();
    await machine.trust({ keys: [online] });
    machine.write(FILE);
    expect(machine.read().generation).toBe(5);
    expect(loadRecord({ cwd: machine.project, env: machine.env }).path).toBe(machine.path);
    await machine.sign(FILE, eve);
    expect(machine.refusal()).toContain("no key is trusted here");
  });

  test.each<[string, Partial<ProjectTrust>]>([
    ["a key for files was trusted, too", { keys: [online, keyOf(ann)] }],
    ["one has ended", { keys: [online, keyOf(ann, { until: "2020-01-01" })] }],
    ["one was revoked", { revoked: [{ publicKey: keyOf(ann).publicKey, on: "2026-11-01" }] }],
    ["two must sign", { threshold: 2 }],
    ["files are for an audience", { audience: "production" }],
  ])("an unsigned file is refused where %s", async (_, more) => {
    const machine = new Machine();
    await machine.trust({ keys: [online], ...more });
    machine.write(FILE);
    expect(machine.refusal()).toContain("the file is not signed");
  });

  test("an unsigned file is refused where a trust file of the environment's is asked", async () => {
    const machine = new Machine();
    await machine.trust({ keys: [online] });
    machine.write(FILE);
    const source = join(machine.env.HOME, ".config", "immuconfig", "trust.json");
    const env = { IMMUCONFIG_TRUST: source };
    const error = errorOf(() => readConfigFile(machine.path, env, { now: NOW }));
    expect(error).toMatchObject({ code: "ERR_SIGNATURE" });
  });
});

async function machineOfTwo(): Promise<Machine> {
  const machine = new Machine();
  const online = keyOf(new Uint8Array(32).fill(4), { role: "online" });
  await machine.trust({ threshold: 2, keys: [keyOf(ann), keyOf(ben), keyOf(eve), online] });
  return machine;
}

function policyAt(path: string, folder: string): TrustPolicy | undefined {
  const trust = { id: "", project: "shop", folders: [folder], threshold: 1, keys: [], revoked: [] };
  const source = { name: "trust.json", projects: [trust], kind: "user", strict: false } as const;
  return policyOfPlace(path, [source]);
}

describe("the policy of a place", () => {
  test.each([
    ["/a/b/bunfig.lockb", "/a/b"],
    ["/a/b/bunfig.lockb", "/"],
    [String.raw`C:\a\b\bunfig.lockb`, String.raw`C:\a`],
    [String.raw`C:\a\bunfig.lockb`, "C:\\"],
    [String.raw`c:\A\b\bunfig.lockb`, "C:/a/B"],
    [String.raw`\\host\share\bunfig.lockb`, String.raw`\\host\share`],
  ])("is that of %p for %p", (path, folder) => {
    expect(policyAt(path, folder)?.trust.project).toBe("shop");
  });

  test.each([
    ["/a/bc/bunfig.lockb", "/a/b"],
    ["/A/b/bunfig.lockb", "/a/b"],
    [String.raw`/a\b/bunfig.lockb`, "/a"],
    [String.raw`C:\ab\bunfig.lockb`, String.raw`C:\a`],
    [String.raw`D:\a\bunfig.lockb`, String.raw`C:\a`],
  ])("is not that of %p for %p", (path, folder) => {
    expect(policyAt(path, folder)).toBeUndefined();
  });
});

describe("where two of three must sign", () => {
  test("two signatures are enough, in either order, and one is not", async () => {
    const machine = await machineOfTwo();
    await machine.sign(FILE, ann);
    expect(machine.refusal()).toContain("1 of 2 trusted keys");
    for (const seeds of [
      [ann, ben],
      [eve, ann],
      [ann, ben, eve],
    ]) {
      await machine.sign(FILE, ...seeds);
      expect(machine.read().cosignatures).toHaveLength(seeds.length);
    }
    await machine.sign(FILE, ann, ann);
    expect(machine.refusal()).toContain("1 of 2");
    await machine.sign(FILE, new Uint8Array(32).fill(4), ann);
    expect(machine.refusal()).toContain("1 of 2");
  });

  test("a signature counts for the file that it was made for alone", async () => {
    const machine = await machineOfTwo();
    const first = await signedBySeed(FILE, ann, []);
    const changed = { ...first, record: { ...first.record, rows: 99 } };
    machine.write(await signedBySeed(changed, ben, first.cosignatures ?? []));
    expect(machine.refusal()).toContain("1 of 2");
    const later = { ...first, generation: 6 };
    machine.write(await signedBySeed(later, ben, first.cosignatures ?? []));
    expect(machine.refusal()).toContain("1 of 2");
    // Her signature of the whole is none of what all sign.
    const own = first.signature;
    if (own === null) throw new Error("it is signed");
    machine.write(await signedBySeed(FILE, ben, [own]));
    expect(machine.refusal()).toContain("1 of 2");
  });
});

describe("a file signed by two, with any bit flipped,", () => {
  test("is refused", async () => {
    const machine = new Machine();
    await machine.trust({ threshold: 2, keys: [keyOf(ann), keyOf(ben)] });
    const first = await signedBySeed(FILE, ann, []);
    const bytes = encodeFile(await signedBySeed(first, ben, first.cosignatures ?? []));
    const read = (flipped: Uint8Array) =>
      verifyFile(flipped, machine.path, machine.env, { now: NOW });
    machine.write(FILE);
    expect(read(bytes).verdict?.signers).toHaveLength(2);
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = bytes.with(at, (bytes[at] ?? 0) ^ (1 << bit));
        expect(errorOf(() => read(flipped))).toHaveProperty("name");
      }
    }
  });
});

describe("the sources of trust", () => {
  const ann64 = hexBytes(keyOf(ann).publicKey);

  test("IMMUCONFIG_TRUST names a file outside, and what it does not know is refused", async () => {
    const machine = new Machine();
    const file = join(machine.root, "ci.json");
    const trust = await machine.trust();
    writeFileSync(file, encodeTrustFile([{ ...trust, folders: [] }]), { mode: 0o600 });
    const env = { HOME: "/dev/null", IMMUCONFIG_TRUST: file };
    await machine.sign();
    expect(readConfigFile(machine.path, env, { now: NOW }).generation).toBe(5);
    for (const other of [
      { ...FILE, meta: { project: "blog" } },
      { ...FILE, meta: {} },
    ]) {
      machine.write(other);
      expect(errorOf(() => readConfigFile(machine.path, env))).toMatchObject({
        code: "ERR_SIGNATURE",
        message: expect.stringContaining("trusts no key for"),
      });
    }
  });

  test("IMMUCONFIG_TRUSTED_KEYS holds a place to its project and its newest file", async () => {
    const machine = new Machine();
    const env = { ...machine.env, IMMUCONFIG_TRUSTED_KEYS: ann64 };
    await machine.sign({ ...FILE, generation: 6 });
    expect(readConfigFile(machine.path, env).generation).toBe(6);
    await machine.sign(FILE);
    expect(String(errorOf(() => readConfigFile(machine.path, env)))).toContain("6 was seen");
    await machine.sign({ ...FILE, generation: 7, meta: { project: "blog" } });
    expect(String(errorOf(() => readConfigFile(machine.path, env)))).toContain(
      "another project's was here before",
    );
  });

  test.each([
    [{ IMMUCONFIG_TRUSTED_KEYS: "" }, "is empty"],
    [{ IMMUCONFIG_TRUSTED_KEYS: " " }, "is empty"],
    [{ IMMUCONFIG_TRUSTED_KEYS: `${ann64},` }, "64 hex digits"],
    [{ IMMUCONFIG_TRUSTED_KEYS: "00".repeat(32) }, "small order"],
    [{ IMMUCONFIG_TRUST: "" }, "no absolute path"],
    [{ IMMUCONFIG_TRUST: "trust.json" }, "no absolute path"],
    [{ IMMUCONFIG_TRUST: "/nowhere/trust.json" }, "does not exist"],
    [{ IMMUCONFIG_TRUST: "/x", IMMUCONFIG_TRUSTED_KEYS: ann64 }, "both set"],
  ])("%p is an error, never trust in anything", (env, message) => {
    const machine = new Machine();
    machine.write(FILE);
    const error = errorOf(() => readConfigFile(machine.path, { ...machine.env, ...env }));
    expect(error).toMatchObject({ code: "ERR_VALUE" });
    expect(String(error)).toContain(message);
  });

  test.each([
    ["", "no object"],
    ["{}", "version is not 1"],
    ['{"version":1}', "no list"],
    ['{"version":1,"projects":[{}]}', "no list"],
    ['{"version":1,"projects":[],"more":1}', "is unknown"],
    ['{"version":2,"projects":[]}', "version is not 1"],
  ])("a trust file with %p is an error", (text, message) => {
    const machine = new Machine();
    machine.write(FILE);
    const folder = join(machine.env.HOME, ".config", "immuconfig");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "trust.json"), text);
    expect(String(errorOf(() => machine.read()))).toContain(message);
  });

  test("a trust file that others may write is an error", async () => {
    const machine = new Machine();
    await machine.trust();
    await machine.sign();
    chmodSync(join(machine.env.HOME, ".config", "immuconfig", "trust.json"), 0o666);
    expect(String(errorOf(() => machine.read()))).toContain("others may write it");
  });

  test("load sees that trust has changed", async () => {
    const machine = new Machine();
    machine.write(FILE);
    const { HOME, XDG_CONFIG_HOME } = process.env;
    process.env["HOME"] = machine.env.HOME;
    delete process.env["XDG_CONFIG_HOME"];
    try {
      expect(load(machine.path)).toBe(load(machine.path));
      await machine.trust();
      expect(errorOf(() => load(machine.path))).toMatchObject({ code: "ERR_SIGNATURE" });
    } finally {
      process.env["HOME"] = HOME;
      if (XDG_CONFIG_HOME !== undefined) process.env["XDG_CONFIG_HOME"] = XDG_CONFIG_HOME;
    }
  });
});
