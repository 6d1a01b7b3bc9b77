/** A stranger's clone, in which everything that a tool may look at leaves a mark. */

import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { version } from "../../package.json";
import { dependencies as ofBuild } from "../../packages/build/package.json";
import { dependencies as ofServer } from "../../packages/server/package.json";
import type { CommandName } from "../../src/cli/table.ts";
import { writeFiles } from "./cli.ts";
import { PLAIN_FILE, writeConfigFile } from "./config_files.ts";
import { run } from "./run.ts";

export interface Clone {
  readonly folder: string;
  /** What left a mark, in order. */
  readonly marks: () => string[];
}

/**
 * A project with a valid record.
 *
 * @param root an empty folder, for the clone and its marks
 */
export function hostileClone(root: string): Clone {
  const [folder, marks] = [join(root, "clone"), join(root, "marks")];
  mkdirSync(marks);
  mkdirSync(folder);
  const mark = (name: string): string =>
    `require("node:fs").writeFileSync(${JSON.stringify(join(marks, name))}, "");\n`;
  const script = (name: string): string => `#!/bin/sh\n: > '${join(marks, name)}'\nexit 0\n`;
  const packages = [
    ...Object.keys({ ...ofBuild, ...ofServer }),
    "@oxc-parser/binding-linux-x64-gnu",
    "@immuconfig/build",
    "@immuconfig/server",
  ];
  writeFiles(folder, {
    "bunfig.toml": 'preload = ["./preload.ts"]\n[install]\nregistry = "http://127.0.0.1:9/"\n',
    "preload.ts": `${mark("preload")}console.log("take my word"); process.exit(0);\n`,
    ".env": [
      `IMMUCONFIG_FILE=${join(folder, "other.lockb")}`,
      "IMMUCONFIG_PIN=014074c8c80400000001185099",
      `IMMUCONFIG_RUNTIME_DIR=${join(marks, "runtime")}`,
      `NAPI_RS_NATIVE_LIBRARY_PATH=${join(folder, "native.js")}`,
      `GIT_EXTERNAL_DIFF=${join(folder, "tool.sh")}`,
      "HTTPS_PROXY=http://127.0.0.1:9",
      "NODE_TLS_REJECT_UNAUTHORIZED=0",
      "IMMUCONFIG_TRUSTED_KEYS=",
    ].join("\n"),
    "native.js": mark("native library"),
    "tool.sh": script("external program"),
    "package.json": JSON.stringify({
      name: "clone",
      scripts: Object.fromEntries(
        ["config", "preconfig", "postinstall", "prepare"].map((name) => [name, "./tool.sh"]),
      ),
    }),
    ".npmrc": "registry=http://127.0.0.1:9/\n",
    ".gitattributes": "*.lockb diff=evil merge=evil filter=evil\n",
    "src/app.ts": 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n',
    // Bun looks up in it what it is told to run.
    "tsconfig.json":
      '{"compilerOptions":{"plugins":[{"name":"evil"}],"paths":{"*":["./mapped.ts"]}}}',
    "mapped.ts": mark("paths of tsconfig.json"),
    ...Object.fromEntries(
      ["bun", "git", "tsc", "zig", "npm"].map((name) => [
        `node_modules/.bin/${name}`,
        script(`node_modules/.bin/${name}`),
      ]),
    ),
    ...Object.fromEntries(
      packages.flatMap((name) => [
        [`node_modules/${name}/package.json`, JSON.stringify({ name, version, main: "index.js" })],
        ...["index.js", "dist/cli/build_commands.js", "dist/cli/server_commands.js"].map((file) => [
          `node_modules/${name}/${file}`,
          mark(`package ${name.replace("/", " ")}`),
        ]),
      ]),
    ),
  });
  for (const name of readdirSync(join(folder, "node_modules", ".bin"))) {
    chmodSync(join(folder, "node_modules", ".bin", name), 0o755);
  }
  chmodSync(join(folder, "tool.sh"), 0o755);
  writeConfigFile(folder, PLAIN_FILE);
  return { folder, marks: () => readdirSync(marks).toSorted() };
}

/** Words for each command; what they do is of no interest here. */
export const WORDS: Readonly<Partial<Record<CommandName, string>>> = {
  init: "--dry-run",
  doctor: "--fix",
  bootstrap: "",
  completions: "bash",
  get: "features.DEBUG",
  set: "terminal.rows 30",
  feature: "retire DEBUG --keep off --dry-run",
  exec: "-- true",
  build: "src/app.ts --outdir out",
  check: "src",
  ledger: "src/app.ts",
  prove: "DEBUG src/app.ts",
  matrix: "src/app.ts",
  live: "set DEBUG off --even-if-nobody",
  diff: "HEAD~2",
  resolve: "--theirs",
  upgrade: "--check",
  merge: "bunfig.lockb bunfig.lockb bunfig.lockb",
  watch: "--help",
  serve: "--help",
};

/** Settings of a repository that name programs, by the path of one. */
function settings(tool: string): readonly (readonly [name: string, value: string])[] {
  return [
    ["core.fsmonitor", tool],
    ["core.pager", tool],
    ["core.editor", tool],
    ["core.sshCommand", tool],
    ["core.gitProxy", tool],
    ["core.askPass", tool],
    ["core.alternateRefsCommand", tool],
    ["core.hooksPath", join(tool, "..", "hooks")],
    ["credential.helper", `!${tool}`],
    ["gpg.program", tool],
    ["log.showSignature", "true"],
    ["diff.external", tool],
    ["diff.evil.textconv", tool],
    ["diff.evil.command", tool],
    ["merge.evil.driver", tool],
    ["filter.evil.clean", tool],
    ["filter.evil.smudge", tool],
    ["filter.evil.process", tool],
    ["filter.evil.required", "true"],
    ["pager.log", tool],
    ["alias.log", `!${tool}`],
    // What is missing here would be asked of a remote, whose address is a program.
    ["core.repositoryFormatVersion", "1"],
    ["extensions.partialClone", "origin"],
    ["remote.origin.promisor", "true"],
    ["remote.origin.partialCloneFilter", "blob:none"],
    ["remote.origin.url", `ext::${tool} %S`],
    ["remote.origin.uploadpack", tool],
    ["protocol.allow", "always"],
    ["protocol.ext.allow", "always"],
  ];
}

/**
 * Two commits of the record, an open merge, an object that is missing, and settings of the repository
 * that name programs.
 */
export async function commit(folder: string): Promise<void> {
  const git = async (...words: string[]) => {
    const { stdout } = await run(
      ["git", "-C", folder, "-c", "user.name=A", "-c", "user.email=a@b", ...words],
      { env: { GIT_CONFIG_GLOBAL: "/dev/null" } },
    );
    return stdout.trim();
  };
  const record = (rows: number): void => {
    const { record: own } = PLAIN_FILE;
    writeConfigFile(folder, { ...PLAIN_FILE, record: { ...own, rows } });
  };
  await git("init", "--quiet", "--initial-branch=main");
  await git("config", "core.attributesFile", "/dev/null");
  const save = async (rows: number, message: string) => {
    record(rows);
    const blob = await git("hash-object", "-w", "--no-filters", "bunfig.lockb");
    await git("update-index", "--add", "--cacheinfo", `100644,${blob},bunfig.lockb`);
    await git("commit", "--quiet", "--allow-empty", "--message", message);
    return blob;
  };
  const missing = await save(11, "zero");
  const ours = await save(24, "one");
  const theirs = await save(40, "two");
  const stages = [ours, ours, theirs].map((blob, i) => `100644 ${blob} ${i + 1}\tbunfig.lockb\n`);
  await git("update-index", "--force-remove", "bunfig.lockb");
  writeFiles(folder, { "stages.txt": stages.join("") });
  await run(["sh", "-c", "git update-index --index-info < stages.txt"], { cwd: folder });
  rmSync(join(folder, ".git", "objects", missing.slice(0, 2), missing.slice(2)), { force: true });
  record(24);
  for (const name of ["post-index-change", "pre-commit", "reference-transaction"]) {
    writeFiles(folder, { [`hooks/${name}`]: readFileSync(join(folder, "tool.sh"), "utf8") });
    chmodSync(join(folder, "hooks", name), 0o755);
  }
  for (const [name, value] of settings(join(folder, "tool.sh"))) await git("config", name, value);
}
