import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { encodeFile } from "../../src/format/file.ts";
import { recordToText } from "../../src/format/record.ts";
import { registryHash } from "../../src/format/registry_url.ts";
import { fastRead } from "../../src/runtime/fast_read.ts";
import { mutate, randomFile } from "../conformance/corpus.ts";
import { arbitraryFile } from "../support/arbitrary_file.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { openNativeView, readView } from "../support/native_view.ts";
import { buildPackage, makeProject, runProgram } from "../support/project.ts";
import { Random } from "../support/random.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { readVector } from "../support/vectors.ts";
import index from "../vectors/index.json" with { type: "json" };

// Bounds a hang, on a busy machine too.
setDefaultTimeout(300_000);

const FUZZ_COUNT = Number(process.env["IMMUCONFIG_FUZZ_VIEWS"] ?? 100_000);
const RECORD = recordToText(PLAIN_FILE.record);
const OTHER = recordToText({ ...PLAIN_FILE.record, featureFlags: (1n << 999n) | 4n, rows: 50 });

const temporary = useTemporaryFolders();
/** Of which no part is a symbolic link. */
const temporaryFolder = (): string => realpathSync(temporary());

// Windows has no such view, and elsewhere it takes the built library.
describe.skipIf(!hasAllCores || process.platform === "win32")("the native view", () => {
  const nativeView = hasAllCores ? openNativeView() : () => undefined;

  /** The library agrees with the codec, or cannot say. */
  function compare(request: Parameters<typeof nativeView>[0]): "same" | "unsure" {
    const view = nativeView(request);
    if (view === undefined) return "unsure";
    // Order too: programs print it.
    expect(JSON.stringify(view)).toBe(JSON.stringify(readView(request)));
    return "same";
  }

  test("is sure of every valid unsigned vector of plain text, and of no invalid one", () => {
    const named = join(temporaryFolder(), "bunfig.lockb");
    const unsure: string[] = [];
    for (const { file, valid } of index.vectors) {
      writeFileSync(named, readVector(file));
      const verdict = compare({ cwd: "/", file: named });
      if (valid && verdict === "unsure") unsure.push(file);
      if (!valid) expect([file, verdict]).toEqual([file, "unsure"]);
    }
    expect(unsure).toEqual(UNSURE_VECTORS);
  });

  test("is what the codec says of any file that can be encoded", () => {
    const named = join(temporaryFolder(), "bunfig.lockb");
    let sure = 0;
    fc.assert(
      fc.property(arbitraryFile, (file) => {
        writeFileSync(named, encodeFile(file));
        if (compare({ cwd: "/", file: named }) === "same") sure++;
      }),
      { numRuns: 2_000 },
    );
    expect(sure).toBe(2_000);
  });

  test.each([
    "http://localhost:4873",
    "http://127.0.0.1:8081",
    "https://registry.example.test:8443/npm",
  ])("is sure of a registry of a team's own: %s", (url) => {
    const named = join(temporaryFolder(), "bunfig.lockb");
    const file = { ...PLAIN_FILE, meta: { registries: { default: url } } };
    const record = { ...file.record, registryHash: registryHash(url) };
    writeFileSync(named, encodeFile({ ...file, record }));
    expect(compare({ cwd: "/", file: named })).toBe("same");
  });

  test(`accepts nothing of ${FUZZ_COUNT} hostile files that the codec refuses`, () => {
    const random = new Random(1);
    const named = join(temporaryFolder(), "bunfig.lockb");
    const bases = [
      ...Array.from({ length: 50 }, () => randomFile(random)),
      ...fc.sample(arbitraryFile, { seed: 1, numRuns: 150 }).map((file) => encodeFile(file)),
    ];
    const room = new Uint8Array(Math.max(...bases.map((base) => base.length)) + 64);
    const seen = { same: 0, unsure: 0 };
    const { stackTraceLimit } = Error;
    for (let i = 0; i < FUZZ_COUNT; i++) {
      writeFileSync(named, mutate(random.pick(bases), room, random));
      seen[compare({ cwd: "/", file: named })]++;
    }
    Error.stackTraceLimit = stackTraceLimit;
    // Worth nothing unless many of them are whole.
    expect(seen.same).toBeGreaterThan(FUZZ_COUNT / 20);
    expect(seen.unsure).toBeGreaterThan(FUZZ_COUNT / 20);
  });

  test("heeds pins, and hands them on", () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    const others = Array.from({ length: 15 }, (_, i) => `${RECORD}@/other/${i}`);
    const sure = [
      "",
      "off",
      `${OTHER}@${path}`,
      `${RECORD}@${path}`,
      `${OTHER}@/elsewhere`,
      `${OTHER}@/elsewhere,${OTHER}@${path},${RECORD}@/other`,
      others.join(","),
      [...others, `${OTHER}@${path}`].join(","),
    ];
    const under = (pin: string) => ({ cwd: folder, env: { IMMUCONFIG_PIN: pin } });
    for (const pin of sure) expect([pin, compare(under(pin))]).toEqual([pin, "same"]);
    const unsure = [
      OTHER,
      `${OTHER}@`,
      `${OTHER}@relative`,
      `${RECORD.slice(0, -1)}${RECORD.endsWith("0") ? "1" : "0"}@${path}`,
      `${OTHER.toUpperCase()}@${path}`,
      `${OTHER}@${path},${RECORD}@${path}`,
      `${OTHER}@/a%2cb`,
      `${OTHER}@/a,`,
      [...others, `${OTHER}@/one/more`].join(","),
    ];
    for (const pin of unsure) expect([pin, compare(under(pin))]).toEqual([pin, "unsure"]);
    expect(nativeView(under(`${OTHER}@${path}`))?.config.generation).toBeNull();
  });

  test("finds the file upwards, in folders of any name", () => {
    const folder = temporaryFolder();
    writeConfigFile(folder);
    const deep = join(folder, "a b", "é-漢", "c");
    mkdirSync(deep, { recursive: true });
    expect(compare({ cwd: deep })).toBe("same");
    expect(compare({ cwd: folder, file: join(folder, "bunfig.lockb") })).toBe("same");
    expect(compare({ cwd: "/", file: join(folder, "missing") })).toBe("unsure");
  });

  test("looks in the program's folder before the working folder", () => {
    const program = temporaryFolder();
    const main = join(program, "main.ts");
    const cwd = temporaryFolder();
    expect(nativeView({ cwd, main })).toBeUndefined();
    const other = writeConfigFile(cwd);
    expect(compare({ cwd, main })).toBe("same");
    expect(nativeView({ cwd, main })?.path).toBe(other);
    const own = writeConfigFile(program);
    mkdirSync(join(program, "src"));
    const deep = join(program, "src", "main.ts");
    expect(compare({ cwd, main: deep })).toBe("same");
    expect(nativeView({ cwd, main: deep })?.path).toBe(own);
    writeFileSync(own, "broken");
    expect(compare({ cwd, main })).toBe("unsure");
    expect(nativeView({ cwd, main: "relative/main.ts" })?.path).toBe(other);
  });

  test("never goes past a file that it cannot read to another project's", () => {
    const outer = temporaryFolder();
    writeConfigFile(outer);
    const inner = join(outer, "inner");
    mkdirSync(inner);
    const file = join(inner, "bunfig.lockb");
    const view = (): unknown => nativeView({ cwd: inner });

    expect(view()).toHaveProperty("path", join(outer, "bunfig.lockb"));
    symlinkSync("nowhere", file);
    expect(view()).toBeUndefined();
    Bun.spawnSync(["rm", file]);
    mkdirSync(file);
    expect(view()).toBeUndefined();
    Bun.spawnSync(["rm", "-r", file]);
    Bun.spawnSync(["mkfifo", file]);
    expect(view()).toBeUndefined();
    Bun.spawnSync(["rm", file]);
    writeFileSync(file, "");
    expect(view()).toBeUndefined();
    chmodSync(file, 0);
    expect(view()).toBeUndefined();
  });

  test("leaves links, odd paths and large files to the store", () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    symlinkSync(folder, join(folder, "link"));
    symlinkSync(path, join(folder, "linked.lockb"));
    for (const named of [
      "link/bunfig.lockb",
      "linked.lockb",
      "./bunfig.lockb",
      "x/../bunfig.lockb",
    ]) {
      for (const file of [named, `${folder}/${named}`]) {
        expect([file, compare({ cwd: folder, file })]).toEqual([file, "unsure"]);
      }
    }
    const comma = join(folder, "a,b");
    mkdirSync(comma);
    writeConfigFile(comma);
    expect(compare({ cwd: comma })).toBe("unsure");
    const quote = join(folder, 'a"b');
    mkdirSync(quote);
    writeConfigFile(quote);
    expect(compare({ cwd: quote })).toBe("unsure");
    // A name that is not UTF-8 reaches JavaScript with U+FFFD in it.
    expect(compare({ cwd: join(folder, "\ufffd") })).toBe("unsure");

    const packages = new Uint8Array(32 * 65_536);
    const words = new DataView(packages.buffer);
    for (let i = 0; i < 65_536; i++) words.setUint32(32 * i, i);
    writeConfigFile(folder, { ...PLAIN_FILE, packages: packages.slice(0, 32 * 16_384) });
    expect(compare({ cwd: folder })).toBe("same");
    writeConfigFile(folder, { ...PLAIN_FILE, packages });
    expect(compare({ cwd: folder })).toBe("unsure");
  });

  test("is what an import takes, and the store where addons are switched off", async () => {
    await buildPackage();
    const folder = temporaryFolder();
    makeProject(folder);
    const source = `import "immuconfig";
      console.log(globalThis[Symbol.for("immuconfig.process")].firstRead);`;
    expect(await runProgram(BUN, folder, source)).toMatchObject({ stdout: "native\n", stderr: "" });
    const slow = await run([BUN, "--no-addons", "program.mjs"], { cwd: folder });
    expect(slow).toMatchObject({ stdout: "store\n", stderr: "" });
  });

  test("fastRead asks with the environment", () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    const env = { IMMUCONFIG_FILE: path };
    const question = { env, isOwn: 0, cwd: "/" } as const;
    expect(fastRead(question)).toEqual(readView({ cwd: "/", file: path }));
    const pinned = { IMMUCONFIG_PIN: `${OTHER}@${path}` };
    expect(fastRead({ ...question, env: pinned, file: path })?.config.record).toBe(OTHER);
    // What was given decides, even if it is empty.
    expect(fastRead({ ...question, file: "" })).toBeUndefined();
    expect(fastRead({ ...question, cwd: folder, env: {}, file: "bunfig.lockb" })?.path).toBe(path);
  });
});

/** Valid, and for a full parser: signed, or with escapes or URLs that are not plain. */
const UNSURE_VECTORS = ["valid/full_meta.lockb", "valid/signed.lockb"];
