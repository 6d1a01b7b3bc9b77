/** A stranger's clone, in which everything that a tool may look at leaves a mark. */

import { chmodSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { dependencies } from "../../package.json";
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
  const packages = [...Object.keys(dependencies), "@oxc-parser/binding-linux-x64-gnu", "valibot"];
  writeFiles(folder, {
    "bunfig.toml": 'preload = ["./preload.ts"]\n[install]\nregistry = "http://127.0.0.1:9/"\n',
    "preload.ts": `${mark("preload")}console.log("all is well"); process.exit(0);\n`,
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
    "tsconfig.json": '{"compilerOptions":{"plugins":[{"name":"evil"}]}}',
    ...Object.fromEntries(
      ["bun", "git", "tsc", "zig", "npm"].map((name) => [
        `node_modules/.bin/${name}`,
        script(`node_modules/.bin/${name}`),
      ]),
    ),
    ...Object.fromEntries(
      packages.flatMap((name) => [
        [`node_modules/${name}/package.json`, JSON.stringify({ name, main: "index.js" })],
        [`node_modules/${name}/index.js`, mark(`package ${name.replace("/", " ")}`)],
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
  diff: "HEAD",
  upgrade: "--check",
  merge: "bunfig.lockb bunfig.lockb bunfig.lockb",
  watch: "--help",
  serve: "--help",
};

/** A commit, and settings of the repository that name programs. */
export async function commit(folder: string): Promise<void> {
  const git = (...words: string[]) =>
    run(["git", "-C", folder, "-c", "user.name=A", "-c", "user.email=a@b", ...words], {
      env: { GIT_CONFIG_GLOBAL: "/dev/null" },
    });
  await git("init", "--quiet");
  await git("add", "bunfig.lockb", "package.json");
  await git("commit", "--quiet", "--message", "one");
  for (const [key, value] of [
    ["core.fsmonitor", join(folder, "tool.sh")],
    ["core.pager", join(folder, "tool.sh")],
    ["core.sshCommand", join(folder, "tool.sh")],
    ["core.hooksPath", join(folder, "node_modules", ".bin")],
    ["diff.evil.textconv", join(folder, "tool.sh")],
    ["diff.external", join(folder, "tool.sh")],
    ["merge.evil.driver", join(folder, "tool.sh")],
    ["filter.evil.clean", join(folder, "tool.sh")],
    ["filter.evil.smudge", join(folder, "tool.sh")],
  ] as const) {
    await git("config", key, value);
  }
}
