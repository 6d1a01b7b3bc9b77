/** What a folder's files say to the bundler: `bun build` itself is what a build must agree with. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeRecord } from "../bundle/support.ts";
import { cli, command, NO_HOME, PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

const FILES: Readonly<Record<string, string>> = {
  "app.tsx": `import { feature } from "bun:bundle";
import query from "./q.sqlx";
import kept from "./kept.js";
const h = (...a: unknown[]) => a[0];
if (feature("ON")) console.log(typeof API === "undefined" ? "none" : API, query, kept, <p>hi</p>);
console.log(process.env.NODE_ENV, process.env.PUBLIC_API);
`,
  "q.sqlx": "select 1\n",
  "kept.js": 'export default "left out";\n',
  "package.json": "{}",
};

const TABLES = `external = ["./kept.js"]
[define]
API = "'https://api.example.test'"
[loader]
".sqlx" = "text"
`;

function makeProject(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  writeFiles(folder, { ...FILES, ...files });
  writeRecord(join(folder, "bunfig.lockb"), { ON: { enabled: true } });
  return folder;
}

const JSX = ["-e", "react/*"];

test.each([
  ["its tables and JSX", `jsx = "react"\njsxFactory = "h"\n${TABLES}`, []],
  ["a table that the command line replaces: define", TABLES, [...JSX, "-d", "OTHER=1"]],
  ["a table that the command line replaces: loader", TABLES, [...JSX, "-l", ".other:text"]],
  ["a list that the command line replaces: external", TABLES, JSX],
  ["JSX of development", 'jsx = "react-jsxDEV"\n', JSX],
  ["define beside --production", TABLES, [...JSX, "--production"]],
  [
    "a mode of one's own beside --production",
    TABLES,
    [...JSX, "--production", "-d", "process.env.NODE_ENV='staging'"],
  ],
  ["a byte order mark and CRLF", `\ufeff${TABLES.replaceAll("\n", "\r\n")}`, JSX],
] as const)("does as bunfig.toml says, as bun build does: %s", async (_, bunfig, more) => {
  const cwd = makeProject({ "bunfig.toml": bunfig });
  const words = ["app.tsx", "--target=bun", ...more, "--outdir"];
  expect(await cli(["build", ...words, "ours"], { cwd })).toMatchObject({ exitCode: 0 });
  const theirs = ["build", ...words, "theirs", "--feature=ON", "--minify-syntax"];
  expect(await run([BUN, ...theirs], { cwd, env: { HOME: NO_HOME } })).toMatchObject({
    exitCode: 0,
  });
  const read = (name: string): string => readFileSync(join(cwd, name), "utf8").trim();
  expect(read("ours/app.js").replace(/\n+\/\*! immuconfig:record:\S+ \*\/$/, "")).toBe(
    read("theirs/app.js"),
  );
});

describe("what Bun.build would take otherwise is refused", () => {
  test.each([
    ["macros", "[macros]\nreact-relay = { graphql = './macro.ts' }\n", [], "macros"],
    ["no macros", "macros = false\n", [], "macros"],
    ["JSX that Bun does not know", 'jsx = "automatic"\n', [], 'jsx is "automatic"'],
    ["files of the environment, off", "env = false\n", ["--env=inline"], "keeps .env files out"],
    ["the same as a table", "[env]\nfile = false\n", ["--env=PUBLIC_*"], "keeps .env files out"],
  ])("%s", async (_, bunfig, more, message) => {
    const cwd = makeProject({ "bunfig.toml": bunfig });
    const { exitCode, stderr } = await command(["build", "app.tsx", ...JSX, ...more], { cwd });
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });

  const MODES = { ".env.production": "PUBLIC_API=production\n", ".env.development": "" };
  const INLINED = [
    "build",
    "app.tsx",
    ...JSX,
    "-l",
    ".sqlx:text",
    "--production",
    "--env=PUBLIC_*",
  ];

  test("the files of another mode than --production's", async () => {
    const cwd = makeProject(MODES);
    const refused = await command(INLINED, { cwd });
    expect(refused.stderr).toContain(".env.development is here");
    expect(refused.stderr).toContain("NODE_ENV=production bun-config");
    expect(refused.exitCode).toBe(2);
    const built = await cli(INLINED, { cwd, env: { NODE_ENV: "production" } });
    expect(built.stdout).toContain('console.log("production","production")');
  });

  test("but not where no file is of a mode, or nothing of it is taken", async () => {
    const cwd = makeProject({ ".env": "PUBLIC_API=plain\n" });
    expect((await cli(INLINED, { cwd })).stdout).toContain('console.log("production","plain")');
    const without = INLINED.slice(0, -1);
    expect((await cli(without, { cwd: makeProject(MODES) })).exitCode).toBe(0);
  });
});
