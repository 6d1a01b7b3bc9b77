import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { command, REPOSITORY, writeFiles, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const FILE = {
  ...PLAIN_FILE,
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "GONE" },
    { bit: 4, name: "TILL" },
  ],
  meta: {
    ...PLAIN_FILE.meta,
    flags: {
      GONE: { retired: true },
      TILL: { description: "Ends */ here", owner: "payments", expires: "2030-12-31" },
    },
  },
} as const;

/** A module that asks for a flag in each of the three ways, from its third line on. */
function uses(name: string): string {
  return (
    'import { config } from "immuconfig";\nimport { feature } from "bun:bundle";\n' +
    `export const a: boolean = config.features.${name};\n` +
    `export const b: boolean = Bun.config.features.${name};\n` +
    `if (feature("${name}")) console.log(a, b);\n`
  );
}

test("documents each flag, leaves retired ones out, and is kept up to date", async () => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, FILE);
  const out = join(cwd, "immuconfig.d.ts");
  const missing = await command(["types", "--check"], { cwd });
  expect(missing.exitCode).toBe(1);
  expect(missing.stdout).toContain("does not exist");
  expect((await command(["types"], { cwd })).stdout).toBe(`Wrote ${out}\n`);
  const text = readFileSync(out, "utf8");
  expect(text).toContain(
    "    DEBUG: boolean;\n    /**\n     * Ends *\\/ here\n     * Owner: payments.\n" +
      "     * Expires 2030-12-31.\n     */\n    TILL: boolean;\n",
  );
  expect(text).not.toContain("GONE");
  expect((await command(["types", "--check"], { cwd })).exitCode).toBe(0);
  expect((await command(["types"], { cwd })).stdout).toBe(`${out} is up to date\n`);

  await command(["feature", "define", "NEW"], { cwd });
  const stale = await command(["types", "--check", "--json"], { cwd });
  expect(stale.exitCode).toBe(1);
  expect(JSON.parse(stale.stdout)).toMatchObject({ current: false, changed: false });
  expect(readFileSync(out, "utf8")).toBe(text);
  const other = await command(["types", "--out", "other.d.ts", "--json"], { cwd });
  expect(JSON.parse(other.stdout)).toEqual({
    file: join(cwd, "bunfig.lockb"),
    out: join(cwd, "other.d.ts"),
    current: true,
    changed: true,
  });
});

test("is laid out as the formatter leaves it", async () => {
  for (const file of [FILE, { ...PLAIN_FILE, flags: [] }]) {
    const cwd = temporaryFolder();
    writeConfigFile(cwd, file);
    await command(["types"], { cwd });
    const check = await run([BUN, "fmt", "--check", "immuconfig.d.ts"], { cwd });
    expect({ exitCode: check.exitCode, said: check.stderr }).toMatchObject({ exitCode: 0 });
  }
});

test("a typo is a type error in config, Bun.config and feature()", async () => {
  const cwd = temporaryFolder();
  makeProject(cwd, FILE);
  mkdirSync(join(cwd, "node_modules", "@types"));
  for (const name of ["@types/bun", "@types/node", "bun-types"]) {
    symlinkSync(join(REPOSITORY, "node_modules", name), join(cwd, "node_modules", name));
  }
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "ESNext",
    module: "Preserve",
    moduleResolution: "bundler",
    lib: ["ESNext"],
    types: ["bun"],
    skipLibCheck: false,
  };
  writeFiles(cwd, {
    "tsconfig.json": JSON.stringify({ compilerOptions, include: ["*.ts"] }),
    "good.ts": uses("TILL"),
    "gone.ts": uses("GONE"),
    "typo.ts": uses("TIL"),
  });
  await command(["types"], { cwd });
  const tsc = join(REPOSITORY, "node_modules", ".bin", "tsc");
  const { stdout } = await run([BUN, tsc, "-p", cwd, "--pretty", "false"], { cwd });
  const places = stdout.match(/^.+?\(\d+(?=,\d+\): error)/gm);
  expect(places?.toSorted((a, b) => a.localeCompare(b))).toEqual(
    ["gone", "typo"].flatMap((name) => [3, 4, 5].map((line) => `${name}.ts(${line}`)),
  );
});
