import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, writeFiles, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import type { File } from "../../src/format/file.ts";
import { MANY_FLAGS, PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { buildPackage, makeProject } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(2 * PROCESS_TESTS_TIMEOUT_MS);

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

test("a file of somebody's is left alone", async () => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, FILE);
  writeFiles(cwd, { "immuconfig-env.d.ts": "// mine\n", "flags.zig": "// mine\n", "new.d.ts": "" });
  for (const words of [["types"], ["zig-flags"], ["zig-flags", "--out", "immuconfig-env.d.ts"]]) {
    const { exitCode, stderr } = await command(words, { cwd });
    expect({ words, exitCode, stderr }).toEqual({
      words,
      exitCode: 1,
      stderr: expect.stringContaining("Name another file with --out"),
    });
  }
  expect(readFileSync(join(cwd, "immuconfig-env.d.ts"), "utf8")).toBe("// mine\n");
  expect((await command(["types", "--out", "new.d.ts"], { cwd })).exitCode).toBe(0);
});

test("documents each flag, leaves retired ones out, and is kept up to date", async () => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, FILE);
  const out = join(cwd, "immuconfig-env.d.ts");
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

  writeFiles(cwd, { "immuconfig-env.d.ts": text.replace("TILL", "OLD") });
  const stale = await command(["types", "--check", "--json"], { cwd });
  expect(stale.exitCode).toBe(1);
  expect(JSON.parse(stale.stdout)).toMatchObject({ current: false, changed: false });
  await command(["types"], { cwd });
  expect(readFileSync(out, "utf8")).toBe(text);
});

test("every command that changes flags writes them again, wherever --out put them", async () => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, FILE);
  writeFiles(cwd, { "apps/web/src/app.ts": "", "node_modules/x/immuconfig-env.d.ts": "// x\n" });
  await command(["types", "--out", "apps/web/src/flags.d.ts"], { cwd });
  const out = join(cwd, "apps/web/src/flags.d.ts");
  const members = () => readFileSync(out, "utf8").match(/\w+(?=: boolean)/g);
  expect(members()).toEqual(["DEBUG", "TILL"]);
  const defined = await command(["feature", "define", "NEW"], { cwd });
  expect(defined.stderr).toBe(`Wrote ${out}\n`);
  expect(members()).toContain("NEW");
  await command(["feature", "retire", "DEBUG", "--mark-only"], { cwd });
  expect(members()).not.toContain("DEBUG");
  expect((await command(["feature", "enable", "NEW"], { cwd })).stderr).toBe("");
  expect((await command(["types", "--check"], { cwd })).stdout).toBe(`${out} is up to date\n`);
  expect(existsSync(join(cwd, "immuconfig-env.d.ts"))).toBe(false);
});

function source(quote: string, end: string, indent: string): string {
  return `import { a } from ${quote}a${quote}${end}\nexport const b = () => {\n${indent}a()${end}\n}\n`;
}

test("are written as the project writes, and stay as a linter has mended them", async () => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, FILE);
  writeFiles(cwd, {
    "src/a.ts": source("'", "", "\t"),
    "src/b.vue": source("'", "", "\t"),
    "src/c.js": source('"', ";", "  "),
    "dist/d.js": source('"', ";", "  ").repeat(9),
  });
  await command(["types"], { cwd });
  const out = join(cwd, "immuconfig-env.d.ts");
  const text = readFileSync(out, "utf8");
  expect(text).not.toMatch(/;$|^  /m);
  expect(text).toContain("declare module 'bun:bundle' {\n\tinterface Registry {\n\t\tfeatures:");
  expect(text).toContain("names: 'DEBUG' | 'TILL'\n");
  const mended = text.replaceAll("'", '"').replaceAll("\t", "    ");
  writeFiles(cwd, { "immuconfig-env.d.ts": mended });
  expect((await command(["types", "--check"], { cwd })).exitCode).toBe(0);
  await command(["feature", "define", "NEW"], { cwd });
  expect(readFileSync(out, "utf8")).toContain('    names: "DEBUG" | "TILL" | "NEW"\n');
});

test("a folder with a record of its own has its own", async () => {
  const cwd = temporaryFolder();
  const inner = join(cwd, "packages/inner");
  mkdirSync(inner, { recursive: true });
  writeConfigFile(cwd, FILE);
  writeConfigFile(inner, FILE);
  await command(["types"], { cwd });
  await command(["types"], { cwd: inner });
  const defined = await command(["feature", "define", "NEW"], { cwd });
  expect(defined.stderr).toBe(`Wrote ${join(cwd, "immuconfig-env.d.ts")}\n`);
  expect(readFileSync(join(inner, "immuconfig-env.d.ts"), "utf8")).not.toContain("NEW");
});

test.each([
  [{ include: ["src"] }, "src/immuconfig-env.d.ts"],
  [{ include: ["./src/**/*.ts", "*.d.ts"] }, "immuconfig-env.d.ts"],
  [{ compilerOptions: {} }, "immuconfig-env.d.ts"],
  [{ extends: "./base.json" }, "src/immuconfig-env.d.ts"],
  [{ files: [], references: [{ path: "./tsconfig.app.json" }] }, "src/immuconfig-env.d.ts"],
  // As SvelteKit and Nuxt have it: what they generate looks upwards.
  [{ extends: "./.kit/tsconfig.json" }, "src/immuconfig-env.d.ts"],
  [{ files: [], references: [{ path: "./.kit/tsconfig.json" }] }, "src/immuconfig-env.d.ts"],
  [{ extends: "./.kit/all.json" }, "immuconfig-env.d.ts"],
  [{ files: [], references: [{ path: "./packages/other" }] }, "packages/other/immuconfig-env.d.ts"],
  // As Nx and electron-vite have it.
  [
    { files: [], references: [{ path: "./packages/core" }] },
    "packages/core/lib/immuconfig-env.d.ts",
  ],
])("are put where TypeScript reads them: %j", async (config, expected) => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, FILE);
  writeFiles(cwd, {
    "tsconfig.json": `// comments\n${JSON.stringify(config)}`,
    "base.json": '{"include":["src/**/*"]}',
    "tsconfig.app.json": '{"include":["src"]}',
    ".kit/tsconfig.json":
      '{"include":["env.d.ts","../src/**/*.ts"],"exclude":["../src/worker.ts"]}',
    ".kit/all.json": '{"include":["./.."],"exclude":["../src"]}',
    "packages/core/tsconfig.json": '{"include":["lib/**/*.ts"]}',
    "packages/core/lib/a.ts": "",
    // What is not said is all of the folder of the one that extends, and not of the other's.
    "options.json": '{"compilerOptions":{}}',
    "packages/other/tsconfig.json": '{"extends":"../../options.json"}',
    "packages/other/a.ts": "",
    "src/a.ts": "",
  });
  const { stdout } = await command(["types"], { cwd });
  expect(stdout).toBe(`Wrote ${join(cwd, expected)}\n`);
});

test("a source that is no UTF-8, or may not be read, says nothing of the style", async () => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, FILE);
  writeFileSync(join(cwd, "a.js"), Buffer.from("const a = '\xe9'; import b from 'b'\n", "latin1"));
  symlinkSync("nowhere", join(cwd, "b.js"));
  writeFiles(cwd, { "c.js": "import b from 'b'\n" });
  const { exitCode, stderr } = await command(["types"], { cwd });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(readFileSync(join(cwd, "immuconfig-env.d.ts"), "utf8")).toContain("module 'immuconfig'");
});

const FORMATS = [
  {},
  { singleQuote: true, semi: false, useTabs: true },
  { tabWidth: 4, printWidth: 20, quoteProps: "consistent", trailingComma: "none" },
];

const bin = (name: string) => join(REPOSITORY, "node_modules", ".bin", name);

/** A project with the files that `types` and `init --gate` write, and sources in a format. */
async function generated(file: File, format: object = {}): Promise<string> {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, file);
  writeFiles(cwd, {
    ".prettierrc": JSON.stringify(format),
    ".oxfmtrc.json": JSON.stringify(format),
    "package.json": "{}\n",
    "a.ts": 'import { b } from "./b.ts";\nif (b) {\n  b();\n}\n',
  });
  await run([BUN, bin("prettier"), "--write", "a.ts"], { cwd });
  await command(["types"], { cwd });
  await command(["init", "--gate", "--yes"], { cwd });
  return cwd;
}

const GENERATED = ["immuconfig-env.d.ts", "immuconfig-gate.mjs"];

test("Biome leaves it as it is, however many flags there are", async () => {
  for (const format of [{ useTabs: true }, {}]) {
    const cwd = await generated(MANY_FLAGS, format);
    const indent = "useTabs" in format ? "tab" : "space";
    const tool = [BUN, bin("biome"), "check", `--indent-style=${indent}`, ...GENERATED];
    const check = await run(tool, { cwd, env: { PATH: process.env["PATH"] } });
    expect({ exitCode: check.exitCode, said: check.stdout }).toMatchObject({ exitCode: 0 });
  }
});

describe.each(FORMATS)("formatters and linters leave it as it is: %j", (format) => {
  test.each([FILE, { ...PLAIN_FILE, flags: [] }])("", async (file) => {
    const cwd = await generated(file, format);
    for (const tool of [
      [BUN, bin("prettier"), "--check", ...GENERATED],
      [BUN, bin("oxfmt"), "--check", ...GENERATED],
      [BUN, bin("oxlint"), "--deny-warnings", "-D", "all", "immuconfig-env.d.ts"],
      [BUN, bin("oxlint"), "--deny-warnings", "-D", "correctness", "-D", "no-undef", ...GENERATED],
    ]) {
      const check = await run(tool, { cwd });
      expect({ tool, exitCode: check.exitCode, said: check.stdout }).toMatchObject({ exitCode: 0 });
    }
  });
});

function usesFeature(name: string): string {
  return `import { feature } from "bun:bundle";\nexport const a = feature("${name}") ? 1 : 0;\n`;
}

/** TypeScript 5 takes seconds for the types of Bun, and more on a busy machine. */
const TSC_TIMEOUT_MS = 100_000;

/** Where `tsc` reports errors: `typo.ts(3`. */
async function errors(cwd: string, compiler: string): Promise<string[]> {
  const tsc = join(REPOSITORY, "node_modules", compiler, "bin", "tsc");
  const { stdout } = await run([BUN, tsc, "-p", cwd, "--pretty", "false"], {
    cwd,
    timeoutMs: TSC_TIMEOUT_MS,
  });
  const places = stdout.match(/^.+?\(\d+(?=,\d+\): error)/gm) ?? [];
  return places.toSorted((a, b) => a.localeCompare(b));
}

const OPTIONS = {
  strict: true,
  noEmit: true,
  target: "ESNext",
  module: "Preserve",
  moduleResolution: "bundler",
  lib: ["ESNext", "DOM"],
  skipLibCheck: false,
};

async function project(types: readonly string[], options: object): Promise<string> {
  const cwd = temporaryFolder();
  makeProject(cwd, FILE);
  mkdirSync(join(cwd, "node_modules", "@types"));
  for (const name of types) {
    symlinkSync(join(REPOSITORY, "node_modules", name), join(cwd, "node_modules", name));
  }
  const compilerOptions = { ...OPTIONS, ...options };
  writeFiles(cwd, { "tsconfig.json": JSON.stringify({ compilerOptions, include: ["*.ts"] }) });
  await command(["types"], { cwd });
  return cwd;
}

const withoutBun = (name: string) => uses(name).replace("Bun.config", "config");

describe.each(["typescript", "typescript-5"])("a typo is a type error for %s", (compiler) => {
  const bun = ["@types/bun", "@types/node", "bun-types"];
  // Version 7 has no baseUrl.
  const settings =
    compiler === "typescript"
      ? [{}, { module: "NodeNext", moduleResolution: "NodeNext" }]
      : [
          { baseUrl: ".", paths: { "@/*": ["./src/*"] }, skipLibCheck: true },
          { module: "ESNext", moduleResolution: "node", skipLibCheck: true },
        ];

  test.each<object>(settings)("in config, Bun.config and feature(): %j", async (options) => {
    const cwd = await project(bun, { types: ["bun"], ...options });
    writeFiles(cwd, {
      "good.ts": uses("TILL"),
      "gone.ts": uses("GONE"),
      "typo.ts": uses("TIL"),
    });
    expect(await errors(cwd, compiler)).toEqual(
      ["gone", "typo"].flatMap((name) => [3, 4, 5].map((line) => `${name}.ts(${line}`)),
    );
  });

  test("in config and feature() where there are no types of Bun", async () => {
    const cwd = await project([], {});
    writeFiles(cwd, { "good.ts": withoutBun("TILL"), "typo.ts": withoutBun("TIL") });
    expect(await errors(cwd, compiler)).toEqual(["typo.ts(3", "typo.ts(4", "typo.ts(5"]);
  });

  test("in a project that uses feature() alone", async () => {
    const cwd = await project([], {});
    writeFiles(cwd, { "good.ts": usesFeature("TILL"), "typo.ts": usesFeature("TIL") });
    expect(await errors(cwd, compiler)).toEqual(["typo.ts(2"]);
  });
});
