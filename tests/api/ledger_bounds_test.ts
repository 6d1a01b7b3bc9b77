/** A build of pushed sources says the same, whatever lies around the folder in which the server builds it. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pushedFile, sourcesFolder } from "../../src/api/ledgers/folders.ts";
import { buildApart, unpackSources } from "../../src/api/ledgers/sandbox.ts";
import { messageOf } from "../../src/base/errors.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const FLAGS = JSON.stringify({
  file: "",
  record: "",
  generation: 1,
  frozen: false,
  overridden: [],
  byName: [],
  constants: [],
});
const LEADS_OUT = "an import leads out of the sources, or to nothing in them";
let app: string;
let count = 0;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(app, path)), { recursive: true });
  writeFileSync(join(app, path), text);
}

beforeAll(() => {
  app = temporaryFolder();
  const browser = { mapped: "./secret.js" };
  const own = { name: "server", imports: { "#there": "./secret.js" }, browser };
  write("package.json", JSON.stringify({ ...own, exports: { "./there": "./secret.js" } }));
  write("secret.js", "module.exports = 1;");
  for (const name of ["there", "@scope/there", ".there"]) {
    write(`node_modules/${name}/package.json`, '{"main":"main.js"}');
    write(`node_modules/${name}/main.js`, "module.exports = 1;");
  }
  write("node_modules/file.js", "module.exports = 1;");
});

/** What the server says of the sources, with a place of their own in its data. */
function answerTo(files: Readonly<Record<string, string>>, target: string): unknown {
  const folder = join(app, "data", "ledgers", String(count++));
  mkdirSync(folder, { recursive: true });
  const sources = {
    kind: "immuconfig-sources/1",
    cwd: "",
    entrypoints: ["a.ts"],
    build: { target },
    compilerOptions: {},
    nodeEnv: null,
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    aliases: [],
    asked: [],
    uncounted: [],
  };
  writeFileSync(pushedFile(folder), JSON.stringify(sources));
  try {
    unpackSources(folder);
    return JSON.parse(buildApart(folder, FLAGS)).modules;
  } catch (error) {
    return messageOf(error);
  }
}

/** From a package beside the sources to the server's own folder. */
const UPWARDS = join("data", "ledgers", "0", dirname(sourcesFolder("")), "x")
  .split(/[/\\]/)
  .map(() => "..")
  .join("/");

/** Each with a twin that is not there. */
const ASKED: [there: string, missing: string, isBuilt: boolean][] = [
  ["there", "nowhe", true],
  ["there/main.js", "nowhe/main.js", true],
  ["@scope/there", "@scope/nowhe", true],
  ["file", "filo", true],
  ["file.js", "filo.js", true],
  ["server/there", "nobody/there", true],
  ["mapped", "matted", true],
  ["there/package.json", "nowhe/package.json", false],
  [".there/main.js", ".nowhe/main.js", false],
  ["#there", "#nowhe", false],
  [`x/${UPWARDS}/secret.js`, `x/${UPWARDS}/secrex.js`, false],
];

function askFor(name: string): unknown {
  return answerTo({ "a.ts": `try { require(${JSON.stringify(name)}) } catch {}` }, "browser");
}

test.each(ASKED)("a program that may do without %s learns nothing", (there, missing, isBuilt) => {
  for (const name of [there, missing]) {
    const refusal = `${LEADS_OUT}\n  a.ts asks for ${JSON.stringify(name)}`;
    expect(askFor(name)).toEqual(isBuilt ? [["a.ts", expect.any(Number)]] : refusal);
  }
});

test("nor by what its package puts in another's place", () => {
  for (const name of ["there", "nowhe"]) {
    const browser = { other: `${name}/package.json` };
    const files = {
      "a.ts": 'try { require("other") } catch {}',
      "package.json": JSON.stringify({ browser }),
    };
    expect(answerTo(files, "browser")).toBe(
      `package.json leads out of its package: ${name}/package.json`,
    );
  }
});

test("what was pushed is found first", () => {
  const files = {
    "a.ts": 'import "there"; import "@scope/there";',
    "node_modules/there/index.js": 'console.log("pushed");',
    "node_modules/@scope/there/index.js": 'console.log("pushed, too");',
  };
  expect(answerTo(files, "bun")).toEqual([
    ["node_modules/there/index.js", expect.any(Number)],
    ["node_modules/@scope/there/index.js", expect.any(Number)],
  ]);
});

test("a name that begins with two dots leads nowhere out", () => {
  const files = {
    "a.ts": 'import "./..drafts/b.ts"; import "./...c.ts";',
    "..drafts/b.ts": 'console.log("b");',
    "...c.ts": 'console.log("c");',
  };
  expect(answerTo(files, "bun")).toEqual([
    ["..drafts/b.ts", expect.any(Number)],
    ["...c.ts", expect.any(Number)],
  ]);
});

test("what leads out is named by the words of the sources, whatever else is wrong with them", () => {
  const files = {
    "a.ts": 'import "./nowhere.ts";\nimport text from "./a\\u001b[2J.txt";\nconsole.log(text);',
    "b/c.tsx": 'import "../a.ts"; try { require("x/package.json") } catch {}',
    "b/d.mjs": 'import("../../out.js"); export * from "/etc/hostname";',
    "b/e.cjs": 'require("#own"); require("../a.ts"); require("react"); require("node:fs");',
    "b/f.css": '@import "../../../x.css";',
    "b/g.ts": "const = ;",
  };
  expect(answerTo(files, "browser")).toBe(
    [
      LEADS_OUT,
      '  b/c.tsx asks for "x/package.json"',
      '  b/d.mjs asks for "../../out.js"',
      '  b/d.mjs asks for "/etc/hostname"',
      "  and 1 more",
    ].join("\n"),
  );
});
