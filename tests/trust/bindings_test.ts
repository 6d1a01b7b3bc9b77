import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile, type File } from "../../src/format/file.ts";
import { recordToText } from "../../src/format/record.ts";
import { encodeTrustFile } from "../../src/trust/trust_file.ts";
import { PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { seedSigner, signedBySeed } from "../support/signing.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// The table of docs/security.md, cell by cell: each binding in each situation, in a real process.
setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);
beforeAll(buildPackage, PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const [ann, eve, rob] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const SHOP: File = { ...PLAIN_FILE, generation: 5, meta: { ...PLAIN_FILE.meta, project: "shop" } };

interface Situation {
  /** The file as it lies in the project. */
  readonly file: () => Promise<Uint8Array>;
  readonly trusted: boolean;
  /** A file that was believed there before. */
  readonly earlier?: File;
  /** The record in `IMMUCONFIG_PIN`, which no process of this tree set. */
  readonly pin?: File;
}

const signed = async (file: File, seed = ann) => encodeFile(await signedBySeed(file, seed));
const frozen: File = { ...SHOP, frozen: true };
/** As SHOP, with the flag on. */
const OTHER: File = { ...SHOP, record: { ...SHOP.record, featureFlags: 4n } };
const changed = async () => {
  const bytes = await signed(SHOP);
  // The generation: nothing else about the file is wrong then.
  return bytes.with(24, 9);
};

const SITUATIONS: Readonly<Record<string, Situation>> = {
  "unsigned, nobody trusts keys": { file: async () => encodeFile(SHOP), trusted: false },
  "signed, nobody trusts keys": { file: () => signed(SHOP), trusted: false },
  "signed by a trusted key": { file: () => signed(SHOP), trusted: true },
  "unsigned, keys are trusted": { file: async () => encodeFile(SHOP), trusted: true },
  "signed by another key": { file: () => signed(SHOP, eve), trusted: true },
  "changed after it was signed": { file: changed, trusted: true },
  "signed for another project": {
    file: () => signed({ ...SHOP, meta: { ...SHOP.meta, project: "blog" } }),
    trusted: true,
  },
  "signed, ended": {
    file: () => signed({ ...SHOP, meta: { ...SHOP.meta, signed: { expires: "2001-01-01" } } }),
    trusted: true,
  },
  "older than one that was believed": {
    file: () => signed({ ...SHOP, generation: 4 }),
    trusted: true,
    earlier: SHOP,
  },
  "signed by a key that was revoked": { file: () => signed(SHOP, rob), trusted: true },
  "unsigned and frozen, nobody trusts keys": {
    file: async () => encodeFile(frozen),
    trusted: false,
  },
  "signed and frozen": { file: () => signed(frozen), trusted: true },
  "unsigned, and another record is pinned": {
    file: async () => encodeFile(SHOP),
    trusted: false,
    pin: OTHER,
  },
  "unsigned and frozen, and another record is pinned": {
    file: async () => encodeFile(frozen),
    trusted: false,
    pin: OTHER,
  },
  "signed, and the same record is pinned": { file: () => signed(SHOP), trusted: true, pin: SHOP },
  "signed, and another record is pinned": { file: () => signed(SHOP), trusted: true, pin: OTHER },
};

interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

type Binding = (place: Place) => Promise<RunResult>;

const program =
  (source: string, ...options: string[]): Binding =>
  ({ folder, env }) => {
    writeFileSync(join(folder, "program.mjs"), source);
    return run([BUN, ...options, "program.mjs"], { cwd: folder, env });
  };
const command =
  (words: string): Binding =>
  ({ folder, env }) =>
    run([BUN, CLI, ...words.split(" ")], { cwd: folder, env });

const BINDINGS: Readonly<Record<string, Binding>> = {
  "`import { config }`": program('import { config } from "immuconfig"; console.log(config.record)'),
  "`Bun.config`": program("console.log(Bun.config.record)", "--preload=immuconfig/register"),
  "`load()`": program('import { load } from "immuconfig"; console.log(load().record)'),
  '`load({ trust: "required" })`': program(
    'import { load } from "immuconfig"; console.log(load({ trust: "required" }).record)',
  ),
  "`live`": program(`import { live } from "immuconfig/live";
    if (live.features.DEBUG) throw new Error("not the file's own")
    process.exit(0)`),
  "`native.load()`": program(`import { native } from "immuconfig/native";
    import { readFileSync } from "node:fs";
    const { fault } = native.load(readFileSync("bunfig.lockb"));
    if (fault !== "none") throw new Error(fault);
    console.log(native.version())`),
  "a worker": program(`import { Worker } from "node:worker_threads";
    new Worker('import { config } from "immuconfig"; console.log(config.record)', { eval: true })
      .on("error", (error) => {
      console.error(error);
      process.exit(1);
    })`),
  "a spawned program": program(`import { spawnSync } from "node:child_process";
    const words = ["-e", 'import { config } from "immuconfig"; console.log(config.record)'];
    const { status, stderr } = spawnSync(process.execPath, words);
    console.error(String(stderr));
    process.exitCode = status`),
  "`bun-config get`": command("get"),
  "`bun-config verify`": command("verify"),
  "`bun-config build`": command("build program.mjs --target bun --outdir out"),
  "`bun-config exec`": command("exec -- true"),
  "`bun-config env`": command("env"),
};

const BELIEVED: ReadonlySet<string> = new Set([
  "unsigned, nobody trusts keys",
  "signed by a trusted key",
  "unsigned and frozen, nobody trusts keys",
  "signed and frozen",
  "unsigned, and another record is pinned",
  "signed, and the same record is pinned",
]);
/** They show the file, whatever is pinned. */
const WITHOUT_PINS: ReadonlySet<string> = new Set(["`live`", "`native.load()`"]);

/** Where a cell is not the rule of its row. */
function expected(situation: string, binding: string): "believed" | "refused" {
  if (situation.startsWith("unsigned") && binding === '`load({ trust: "required" })`')
    return "refused";
  if (situation.endsWith("another record is pinned") && WITHOUT_PINS.has(binding))
    return "believed";
  return BELIEVED.has(situation) ? "believed" : "refused";
}

async function placeOf({ file, trusted, earlier, pin }: Situation): Promise<Place> {
  const root = temporaryFolder();
  const folder = join(root, "shop");
  const home = join(root, "home");
  mkdirSync(folder);
  makeProject(folder);
  writeFileSync(join(folder, "program.mjs"), "console.log(1)");
  const pinned = pin === undefined ? {} : { IMMUCONFIG_PIN: recordToText(pin.record) };
  const env = { HOME: home, XDG_RUNTIME_DIR: join(root, "run"), ...pinned };
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  const trust = encodeTrustFile([
    {
      id: "0123456789abcdef0123456789abcdef",
      project: "shop",
      folders: [folder],
      threshold: 1,
      keys: [ann, rob].map((seed) => ({ publicKey: seedSigner(seed).publicKey, role: "record" })),
      revoked: [{ publicKey: seedSigner(rob).publicKey, on: "2026-01-01" }],
    },
  ]);
  if (trusted) writeFiles(join(home, ".config", "immuconfig"), { "trust.json": trust });
  const path = join(folder, "bunfig.lockb");
  if (earlier !== undefined) {
    writeFileSync(path, await signed(earlier));
    await run([BUN, CLI, "verify"], { cwd: folder, env });
  }
  writeFileSync(path, await file());
  return { folder, env };
}

describe.each(Object.entries(SITUATIONS))("%s:", (situation, what) => {
  test.each(Object.entries(BINDINGS))("%s", async (binding, open) => {
    const place = await placeOf(what);
    const { exitCode, stdout, stderr } = await open(place);
    const found = exitCode === 0 ? "believed" : "refused";
    expect({ found, stderr }).toEqual({
      found: expected(situation, binding),
      stderr: expect.anything(),
    });
    if (found === "believed") return;
    // Refused for the signature, and not for something else.
    expect(stdout + stderr).toMatch(/sign|seal|project|trusted|revoked|frozen/);
  });
});

test("docs/security.md shows the same table", () => {
  const page = readFileSync(join(REPOSITORY, "docs", "security.md"), "utf8");
  const rows = [...page.matchAll(/^\| (.+?) +\| +(believed|refused) +\| (.*?) +\|$/gm)].map(
    ([, situation = "", rule, exceptions = ""]) => [situation, rule, exceptions],
  );
  expect(rows).toEqual(
    Object.keys(SITUATIONS).map((situation) => {
      const rule = expected(situation, "`bun-config get`");
      const others = Object.keys(BINDINGS)
        .filter((binding) => expected(situation, binding) !== rule)
        .map((binding) => `${expected(situation, binding)} by ${binding}`);
      return [situation, rule, others.join(", ")];
    }),
  );
  for (const binding of Object.keys(BINDINGS)) expect(page).toContain(binding);
});

describe("a view shows the file, and never says that it is believed:", () => {
  test.each(Object.entries(SITUATIONS))("%s", async (_, what) => {
    const { folder, env } = await placeOf(what);
    const git = (...words: string[]) =>
      run(["git", "-c", "user.name=A", "-c", "user.email=a@b", ...words], { cwd: folder });
    await git("init", "--quiet");
    await git("add", "bunfig.lockb");
    await git("commit", "--quiet", "--message", "one");
    for (const words of [["inspect", "--text"], ["diff", "HEAD"], ["log"]]) {
      const { exitCode, stdout, stderr } = await run([BUN, CLI, ...words], { cwd: folder, env });
      expect({ words, exitCode, stderr }).toMatchObject({ words, exitCode: 0 });
      expect(stdout).not.toMatch(/valid|trusted|believed/);
    }
  });
});

test("every attack of docs/security.md names a test that is there", () => {
  const page = readFileSync(join(REPOSITORY, "docs", "security.md"), "utf8");
  const tests = [...page.matchAll(/`(tests\/[^`]+_test\.ts)`: (.+?) +\|$/gm)];
  expect(tests.length).toBeGreaterThan(15);
  for (const [, file = "", title = ""] of tests) {
    expect(readFileSync(join(REPOSITORY, file), "utf8"), file).toContain(title);
  }
});
