import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { writeRecord } from "../bundle/support.ts";
import { cli, NO_HOME, PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { BUILT_CLI, CLI } from "../support/repository.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { buildPackage } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { requireTool, testWith } from "../support/tools.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const IMPORT = 'import { feature } from "bun:bundle";\n';
const SOURCES: Readonly<Record<string, string>> = {
  "src/app.ts": `${IMPORT}console.log(feature("ON") ? "on" : "off", Bun.config.version);\n`,
  "src/plain.ts": `${IMPORT}if (feature("ON")) console.log("on");\n`,
  "src/program.ts": `#!/usr/bin/env bun\n${IMPORT}if (feature("OFF")) console.log("no");\n`,
  "src/two.ts": 'import "./plain.ts";\nimport("./app.ts");\n',
  "src/alias.ts": `${IMPORT}const f = feature;\nif (f("ON")) f();\n`,
  "src/unknown.ts": `${IMPORT}if (feature("ONN")) console.log("on");\n`,
  "src/expired.ts": `${IMPORT}if (feature("OLD")) console.log("old");\n`,
  "src/unresolved.ts": 'import "./missing.ts";\n',
  "src/kinds.ts": `import data from "./data.json";
import text from "./text.ts" with { type: "text" };
import "./style.css";
import { crlf } from "./crlf.ts";
import { element } from "./element.tsx";
import { many } from "./many.ts";
import { marked } from "./märked.ts";
import "./empty.ts";
import("./late.mjs").then(console.log);
console.log(data, text, crlf, element, many, marked);
`,
  "src/data.json": '{ "a": "bun:bundle" }',
  "src/text.ts": `${IMPORT}const f = feature;\n`,
  "src/style.css": "a { color: red }\n",
  "src/crlf.ts": `\ufeff${IMPORT}export const crlf = feature("ON") ? 1 : 2;\n`.replaceAll(
    "\n",
    "\r\n",
  ),
  "src/element.tsx": `${IMPORT}export const element = 1 < 2 && feature("ON") ? "on" : "off";\n`,
  "src/many.ts": `${IMPORT}export let many = 0;\n${'if (feature("OFF")) many++;\n'.repeat(300)}`,
  "src/märked.ts": `${IMPORT}/* \u{1f600} */ export const marked = feature("ON") ? "ä" : "ö";\n`,
  "src/empty.ts": "",
  "src/late.mjs": `${IMPORT}export default feature("OFF") && Bun.config.features.ON ? 1 : 2;\n`,
  "src/folder.ts/index.txt": "",
  "src/unreadable.ts": 'import "./folder.ts";\n',
  "src/both.ts": 'import "./unknown.ts";\nimport "./alias.ts";\n',
  "other/no_script.json": "{}",
  file: "",
};

/** A project in a folder without links, where the library can say what the record is. */
function makeProject(): string {
  const folder = realpathSync(temporaryFolder());
  writeFiles(folder, SOURCES);
  writeRecord(join(folder, "bunfig.lockb"), {
    ON: { enabled: true },
    OFF: {},
    OLD: { expires: "2020-01-31" },
  });
  return folder;
}

interface Seen {
  /** Of Bun. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What a user sees of a build: words, exit code, files; all times are alike. */
async function seen(words: readonly string[], how: Seen = {}) {
  const { options = [], env = {} } = how;
  const cwd = makeProject();
  writeRecord(join(cwd, "other", "bunfig.lockb"), { ON: {}, OFF: {} });
  const { stdout, stderr, exitCode } = await run([BUN, ...options, CLI, "build", ...words], {
    cwd,
    env: { HOME: NO_HOME, ...env },
  });
  const alike = (text: string): string =>
    text
      .replaceAll(cwd, "<cwd>")
      .replaceAll(/\d+(\.\d)? (ns|µs|ms|s)\b/g, "<time>")
      .replaceAll(/"nanoseconds":\d+/g, '"nanoseconds":0');
  const files = readdirSync(cwd, { recursive: true, encoding: "utf8" })
    .filter((path) => !Object.hasOwn(SOURCES, path) && statSync(join(cwd, path)).isFile())
    .toSorted()
    .map((path) => [
      path,
      statSync(join(cwd, path)).mode & 0o111,
      readFileSync(join(cwd, path), "latin1"),
    ]);
  return { stdout: alike(stdout), stderr: alike(stderr), exitCode, files };
}

/** Without the library, whose observer sees the inputs, each is read and parsed. */
const ALONE = {
  options: ["--preload", join(import.meta.dir, "children", "without_library_child.ts")],
};

describe.skipIf(!hasAllCores)("a build that the library observes is that without it", () => {
  const LINES: Readonly<Record<string, string>> = {
    "one file": "src/app.ts --outfile dist/app.js",
    "the common options":
      "src/two.ts --outdir dist --splitting --minify --target bun --format esm --sourcemap --root src",
    "standard output": "src/plain.ts --external x --packages bundle",
    "standard output as JSON": "src/plain.ts --json",
    "JSON about files": "src/app.ts --outdir dist --json",
    quiet: "src/app.ts --outdir dist --quiet",
    "a program": "src/program.ts --target=bun --outfile dist/program",
    "another record": "src/app.ts --file other/bunfig.lockb --outdir dist",
    "a warning": "src/expired.ts --outdir dist --no-color",
    "a source that is wrong": "src/alias.ts --outdir dist",
    "the same as JSON": "src/alias.ts --outdir dist --json",
    "an unknown flag": "src/unknown.ts --outdir dist",
    "an import that is not there": "src/unresolved.ts --outdir dist",
    "an entry that is not there": "src/no.ts --outdir dist",
    "inputs of every kind": "src/kinds.ts --target bun --outdir dist --json",
    "the same in chunks, with maps": "src/kinds.ts --outdir dist --splitting --sourcemap --minify",
    "an input that is a folder": "src/unreadable.ts --outdir dist",
    "two sources that are wrong": "src/both.ts --outdir dist",
    "no entry": "--outdir dist",
    "a folder that is a file": "src/app.ts --outdir file/dist",
    "two outputs": "src/app.ts --outdir dist --outfile app.js",
    "a value that is not possible": "src/app.ts --format umd",
    "an option that is not there": "src/app.ts --minfy",
    "an option of few": "src/app.ts --outdir dist --banner //!top --define A=1",
    "a short option": "src/app.ts -q --outdir dist",
    "a flag otherwise": "src/app.ts --outdir dist --feature OFF",
    "a record that is not there": "src/app.ts --file no.lockb --outdir dist",
    "a record that is none": "src/app.ts --file file --outdir dist",
    help: "--help",
  };

  test.each(Object.entries(LINES))("%s", async (_, line) => {
    const words = line.split(" ");
    expect(await seen(words)).toEqual(await seen(words, ALONE));
  });
});

describe("a build", () => {
  const RECORD_ON_OFF = "014074c8c80000000001185029";

  test("obeys a pin", async () => {
    const words = ["src/app.ts", "--outdir", "dist", "--json"];
    const { stdout } = await seen(words, { env: { IMMUCONFIG_PIN: RECORD_ON_OFF } });
    expect(stdout).toContain(RECORD_ON_OFF);
  });

  const MAPPED = {
    "lib/a.ts": "console.log(1);\n",
    "lib/[slug].ts":
      'export function gone() { return "unreleased"; }\nexport const slug = Math.random();\n',
    "lib/deep/c.ts": `${IMPORT}import { gone, slug } from "../[slug].ts";
console.log(feature("OFF") ? gone() : slug, import("../late.ts"));
`,
    "lib/late.ts": "export const late = 1;\n",
  };

  test.each(["linked", "inline"])("leads from its maps to the sources: %s", async (kind) => {
    const cwd = makeProject();
    writeFiles(cwd, MAPPED);
    const entries = ["lib/a.ts", "lib/deep/c.ts"];
    const words = [...entries, "--outdir=dist/out", "--splitting", `--sourcemap=${kind}`];
    await run([BUN, CLI, "build", ...words, "--scrub-maps"], { cwd, env: { HOME: NO_HOME } });
    const out = join(cwd, "dist/out");
    const files = readdirSync(out, { recursive: true, encoding: "utf8" });
    expect(files.some((name) => /^late-[^/]+\.js$/.test(name))).toBe(true);
    const seenSources = new Set<string>();
    for (const name of files.filter((one) => /\.(js|map)$/.test(one))) {
      const text = readFileSync(join(out, name), "utf8");
      const data = /sourceMappingURL=data:[^,]+,(\S+)/.exec(text)?.[1];
      const map = data === undefined ? text : Buffer.from(data, "base64").toString();
      if (!map.startsWith("{")) continue;
      const { sources, sourcesContent } = JSON.parse(map) as {
        sources: string[];
        sourcesContent: string[];
      };
      for (const source of sources)
        seenSources.add(relative(cwd, join(out, dirname(name), source)));
      expect(sourcesContent.join("")).not.toContain("unreleased");
    }
    expect([...seenSources].toSorted()).toEqual(Object.keys(MAPPED).toSorted());
  });

  test("finds the fault in one of many files", async () => {
    const cwd = makeProject();
    const names = Array.from({ length: 60 }, (_, index) => `module_${index}.ts`);
    for (const name of names) writeFileSync(join(cwd, name), SOURCES["src/plain.ts"] ?? "");
    writeFileSync(join(cwd, "module_41.ts"), SOURCES["src/alias.ts"] ?? "");
    writeFileSync(join(cwd, "module_59.ts"), SOURCES["src/unknown.ts"] ?? "");
    writeFileSync(join(cwd, "main.ts"), names.map((name) => `import "./${name}";\n`).join(""));
    const { exitCode, stderr } = await cli(["build", "main.ts", "--outdir", "dist"], { cwd });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("module_41.ts:2:11: feature used as a value");
    expect(stderr).toContain("module_59.ts:2:13: there is no flag ONN");
    expect(existsSync(join(cwd, "dist"))).toBe(false);
  });
});

describe("the built package", () => {
  beforeAll(buildPackage);

  const BUILD = ["build", "src/plain.ts", "--target=bun", "--outfile", "dist/plain.js"];

  testWith("strace").skipIf(!hasAllCores)(
    "loads no parser for a program that the library understands, and no codec for such a record",
    async () => {
      const cwd = makeProject();
      symlinkSync("bunfig.lockb", join(cwd, "link.lockb"));
      const opened = async (...entry: readonly string[]): Promise<string> => {
        const log = join(cwd, "trace");
        const strace = [requireTool("strace"), "-f", "-o", log, "-e", "trace=openat"];
        const words = ["build", ...entry, "--target=bun", "--outfile", "dist/out.js"];
        const { exitCode } = await run([...strace, BUN, BUILT_CLI, ...words], { cwd });
        expect(exitCode).toBe(0);
        return readFileSync(log, "utf8");
      };
      expect(await opened("src/plain.ts")).not.toMatch(/oxc-parser|loaded_record/);
      expect(await opened("src/plain.ts", "--file=link.lockb")).toContain("loaded_record");
      expect(await opened("src/app.ts")).toContain("oxc-parser");
    },
  );

  test("writes over a longer file", async () => {
    const cwd = makeProject();
    mkdirSync(join(cwd, "dist"));
    writeFileSync(join(cwd, "dist", "plain.js"), "x".repeat(10_000));
    expect(await run([BUN, BUILT_CLI, ...BUILD], { cwd })).toMatchObject({ exitCode: 0 });
    expect((await run([BUN, "dist/plain.js"], { cwd })).stdout).toBe("on\n");
  });
});

test("a script that is taken for a file or for bytes is no code", async () => {
  const cwd = makeProject();
  const text = SOURCES["src/text.ts"] ?? "";
  writeFiles(cwd, {
    "src/file.ts": 'import file from "./text.ts" with { type: "file" };\nconsole.log(file);\n',
    "src/base64.ts": 'import base64 from "./text.mjs";\nconsole.log(base64);\n',
    "src/text.mjs": text,
  });
  const build = (...words: string[]) => cli(["build", ...words, "--outdir", "dist"], { cwd });
  expect(await build("src/file.ts")).toMatchObject({ exitCode: 0 });
  const copied = readdirSync(join(cwd, "dist")).find((name) => name.startsWith("text-")) ?? "";
  expect(readFileSync(join(cwd, "dist", copied), "utf8")).toBe(text);
  expect(await build("src/base64.ts", "--loader", ".mjs:base64")).toMatchObject({ exitCode: 0 });
});

test("a fault of no place in a file names the file alone", async () => {
  const cwd = makeProject();
  writeFiles(cwd, { "src/jsx.tsx": "console.log(<b />);\n" });
  const { exitCode, stderr } = await cli(["build", "src/jsx.tsx", "--outdir", "dist"], { cwd });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
  expect(stderr).toContain(`${join(cwd, "src/jsx.tsx")}: Could not resolve: "react/jsx-`);
});
