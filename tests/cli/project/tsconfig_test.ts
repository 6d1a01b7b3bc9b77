import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { isReadByTypeScript } from "../../../src/cli/files/tsconfig.ts";
import { PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../../support/cli.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { run } from "../../support/run.ts";
import { useTemporaryFolders } from "../../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const TSC = join(REPOSITORY, "node_modules", "typescript", "bin", "tsc");
const FILES = ["out.d.ts", "app/in.d.ts", "app/own/b.d.ts", "app/gen/c.d.ts"];

/** Of app/tsconfig.json, and of the files that it extends. */
const CASES: readonly (readonly [
  name: string,
  app: object,
  bases: Readonly<Record<string, object>>,
])[] = [
  ["a base that says nothing", { extends: "../base.json" }, { base: {} }],
  ["lists of the base", { extends: "../base" }, { base: { include: ["app/own", "*.ts"] } }],
  [
    "an exclude of its own",
    { extends: "../base.json", exclude: ["own"] },
    { base: { include: ["**/*"], exclude: ["app/gen"] } },
  ],
  [
    "the exclude of the base",
    { extends: "../base.json", include: ["."] },
    { base: { exclude: ["app/gen"] } },
  ],
  [
    "several bases, the last of which counts",
    { extends: ["../base.json", "../other.json"] },
    { base: { include: ["app/own"], exclude: ["app/gen"] }, other: { include: ["app"] } },
  ],
  ["files alone", { extends: "../base.json" }, { base: { files: ["out.d.ts"] } }],
];

for (const [name, app, bases] of CASES) {
  test(`says of ${name} what TypeScript does`, async () => {
    const root = temporaryFolder();
    const configs = Object.entries(bases).map(([base, text]) => [`${base}.json`, text] as const);
    writeFiles(root, {
      "app/tsconfig.json": JSON.stringify(app),
      ...Object.fromEntries(configs.map(([path, text]) => [path, JSON.stringify(text)])),
      ...Object.fromEntries(FILES.map((path) => [path, "export {};\n"])),
    });
    const { stdout } = await run(["node", TSC, "-p", "app", "--listFilesOnly"], { cwd: root });
    const listed = stdout.split(/\r?\n/);
    const config = join(root, "app", "tsconfig.json");
    for (const path of FILES) {
      const file = join(root, path);
      expect([path, isReadByTypeScript(config, file)]).toEqual([path, listed.includes(file)]);
    }
  });
}

test("does not understand what extends itself, and ends", () => {
  const root = temporaryFolder();
  const each = JSON.stringify({ extends: ["./a.json", "./b.json", "./tsconfig.json"] });
  writeFiles(root, { "tsconfig.json": each, "a.json": each, "b.json": each });
  expect(isReadByTypeScript(join(root, "tsconfig.json"), join(root, "x.d.ts"))).toBeUndefined();
});
