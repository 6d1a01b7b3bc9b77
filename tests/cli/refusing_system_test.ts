// What the system refuses, such as a folder that cannot be made, is said as such: it is no fault of immuconfig.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { bootstrapFile, cli, PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
let cwd: string;

beforeAll(async () => {
  cwd = temporaryFolder();
  writeFiles(cwd, {
    "package.json": '{"name":"shop","private":true}',
    "bun.lock": '{"lockfileVersion":1,"workspaces":{"":{"name":"shop"}},"packages":{}}',
    "app.ts": 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n',
    file: "in the way",
    "folder/app": "",
  });
  await bootstrapFile(cwd);
});

const KEY = "3ccd241cffc9b3618044b97d036d8614593d8b017c340f1dee8773385517654b";
const NO_TEMPORARY = { TMPDIR: "/dev/null/t" };
const NO_FOLDER = "cannot make a folder in /dev/null/t: its folder is a file (ENOTDIR)";

test.each([
  ["ledger app.ts --html file/page.html", {}, "file/page.html: "],
  ["ledger app.ts --sources file/sources.json", {}, "file/sources.json: "],
  ["build app.ts --outdir out --metafile=../file/meta.json", {}, "file/meta.json: "],
  ["build app.ts --compile --outfile file/app", {}, "file/app: "],
  ["build app.ts --compile --outfile folder", {}, "folder: it is a folder (EISDIR)"],
  ["prove DEBUG app.ts --target bun", NO_TEMPORARY, NO_FOLDER],
  ["doctor --run", NO_TEMPORARY, NO_FOLDER],
  ["trust add KEY --yes", { HOME: "/dev/null" }, "cannot create /dev/null/.config/immuconfig: "],
  ["init --yes --file file/bunfig.lockb", {}, "git cannot be run in "],
])("%s", async (words, env, said) => {
  const { exitCode, stderr } = await cli(words.replace("KEY", KEY).split(" "), { cwd, env });
  expect(exitCode).toBe(1);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain("fault of immuconfig");
});

test.each([
  [".bunfig.lockb.new", "feature define CART"],
  [".immuconfig.lock", "feature define CART"],
  [".immuconfig.lock", "init --undo --purge --yes"],
])("what is in the way is named: a folder %s, for %s", async (name, words) => {
  const folder = temporaryFolder();
  writeFiles(folder, { "package.json": "{}", [`${name}/file`]: "" });
  await bootstrapFile(folder);
  const { exitCode, stderr } = await cli(words.split(" "), { cwd: folder });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringContaining(`cannot write ${join(folder, name)}: it is a folder`),
  ]);
  expect(stderr).toContain("\n  Remove it.\n");
});
