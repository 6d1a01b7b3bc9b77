import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile, type File } from "../../src/format/file.ts";
import { encodeTrustFile } from "../../src/trust/trust_file.ts";
import { CLI, PROCESS_TESTS_TIMEOUT_MS, REPOSITORY, writeFiles } from "../support/cli.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { seedSigner, signedBySeed } from "../support/signing.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// The table of docs/security.md, cell by cell: each binding in each situation, in a real process.
setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);
beforeAll(buildPackage, PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const [ann, eve] = [1, 2].map((byte) => new Uint8Array(32).fill(byte)) as [Uint8Array, Uint8Array];
const SHOP: File = { ...PLAIN_FILE, generation: 5, meta: { ...PLAIN_FILE.meta, project: "shop" } };

interface Situation {
  /** The file as it lies in the project. */
  readonly file: () => Promise<Uint8Array>;
  readonly trusted: boolean;
  /** A file that was believed there before. */
  readonly earlier?: File;
}

const signed = async (file: File, seed = ann) => encodeFile(await signedBySeed(file, seed));
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
  "`live`": program('import { live } from "immuconfig/live"; console.log(typeof live.features)'),
  "`native.load()`": program(`import { native } from "immuconfig/native";
    import { readFileSync } from "node:fs";
    const { fault } = native.load(readFileSync("bunfig.lockb"));
    if (fault !== "none") throw new Error(fault);
    console.log(native.version())`),
  "`bun-config get`": command("get"),
  "`bun-config verify`": command("verify"),
  "`bun-config build`": command("build program.mjs --target bun --outdir out"),
  "`bun-config exec`": command("exec -- true"),
  "`bun-config env`": command("env"),
};

/** Where a cell is not the rule of its row. */
const EXCEPTIONS: Readonly<Record<string, "believed" | "refused">> = {
  'unsigned, nobody trusts keys / `load({ trust: "required" })`': "refused",
};

function expected(situation: string, binding: string): "believed" | "refused" {
  const rule =
    situation === "unsigned, nobody trusts keys" || situation === "signed by a trusted key";
  return EXCEPTIONS[`${situation} / ${binding}`] ?? (rule ? "believed" : "refused");
}

async function placeOf({ file, trusted, earlier }: Situation): Promise<Place> {
  const root = temporaryFolder();
  const folder = join(root, "shop");
  const home = join(root, "home");
  mkdirSync(folder);
  makeProject(folder);
  writeFileSync(join(folder, "program.mjs"), "console.log(1)");
  const env = { HOME: home, XDG_RUNTIME_DIR: join(root, "run") };
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 });
  const trust = encodeTrustFile([
    {
      id: "0123456789abcdef0123456789abcdef",
      project: "shop",
      folders: [folder],
      threshold: 1,
      keys: [{ publicKey: seedSigner(ann).publicKey, role: "record" }],
      revoked: [],
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
    expect(stdout + stderr).toMatch(/sign|seal|project|trusted/);
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

test("every attack of docs/security.md names a test that is there", () => {
  const page = readFileSync(join(REPOSITORY, "docs", "security.md"), "utf8");
  const tests = [...page.matchAll(/`(tests\/[^`]+_test\.ts)`: (.+?) +\|$/gm)];
  expect(tests.length).toBeGreaterThan(15);
  for (const [, file = "", title = ""] of tests) {
    expect(readFileSync(join(REPOSITORY, file), "utf8"), file).toContain(title);
  }
});
