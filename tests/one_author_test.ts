/**
 * One way to do each thing: what these patterns find stands in one file. A second place is a second
 * way, which the next change forgets.
 */

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { REPOSITORY } from "./support/repository.ts";

const source = join(REPOSITORY, "src");

interface Rule {
  readonly what: string;
  readonly pattern: RegExp;
  /** The only files that may match; each of them must. */
  readonly files: readonly string[];
}

const RULES: readonly Rule[] = [
  {
    what: "says that a file cannot be read",
    pattern: /`cannot read \$|"ERR_READ", `cannot read/,
    files: ["base/fs_errors.ts"],
  },
  {
    what: "says that a file cannot be written",
    pattern: /`cannot (?:write|create|\$\{doing\}) \$/,
    files: ["base/fs_errors.ts"],
  },
  {
    what: "says that there is no such flag",
    pattern: /`there is no flag|no such flag\b.*`|is no flag of/,
    files: ["format/flags.ts"],
  },
  { what: "says that a flag is retired", pattern: /"ERR_RETIRED",/, files: ["format/flags.ts"] },
  {
    what: "says that nobody can be asked",
    pattern: /nobody is there to answer|no terminal to ask/,
    files: ["cli/prompt/agree.ts"],
  },
  {
    what: "says that Bun is too old",
    pattern: /"ERR_BUN_VERSION",/,
    files: ["base/bun_version.ts"],
  },
  {
    what: "lets one file take another's place",
    pattern: /\b(?:renameSync|renameOver|linkSync|copyFileSync)\(|\bfsp?\.rename\(/,
    files: [
      "store/durable_write.ts",
      "store/rename_over.ts",
      // Moves the full log aside.
      "upgrade/downgrade_log.ts",
      // Neither is durable: a segment ends with its host, a cache may be lost.
      "live/segment_file.ts",
      "zig_import/cache.ts",
      // An executable that is built anew.
      "bundle/build/bundle.ts",
    ],
  },
  {
    what: "writes to an open file, of which the system may take a part",
    pattern: /\bwriteSync\(/,
    files: [
      "store/write_all.ts",
      // The terminal's.
      "cli/host.ts",
      "cli/terminal/pty.ts",
    ],
  },
  {
    what: "reads a whole file, which may be a device, a pipe, or without an end",
    pattern: /\breadFileSync\(|\bcreateReadStream\(|\bfsp?\.readFile\(/,
    files: [
      // Of the system's, of this package's own, or what this program has just opened or written.
      "api/dashboard_files.ts",
      "bundle/build/input_check.ts",
      "live/clock.ts",
      "native/wasm_file.ts",
      "runtime/setter.ts",
      "trust/owned_file.ts",
      "upgrade/unpack.ts",
    ],
  },
  {
    what: "runs git",
    pattern: /findProgram\("git"|which\("git"|execFileSync\("git"/,
    files: ["base/run_git.ts"],
  },
  {
    what: "makes a name in a folder durable",
    pattern: /function syncFolder/,
    files: ["store/durable_write.ts"],
  },
  {
    what: "walks from a folder towards the root",
    pattern: /=== dirname\(|parent === (?:folder|current)/,
    files: ["base/walk_up.ts"],
  },
  {
    what: "puts a value in quotes for a message",
    pattern: /function quote\w*\((?:text|value)/,
    files: ["base/text.ts"],
  },
  {
    what: "puts what was thrown into words",
    pattern: /instanceof Error \? \w+\.message : String\(/,
    files: ["base/errors.ts"],
  },
  {
    what: "hears that the process is to stop",
    pattern: /\["SIGINT", "SIGTERM"\]/,
    files: ["base/asked_to_stop.ts"],
  },
  {
    what: "says that an action is unknown",
    pattern: /unknownWord\("action"/,
    files: ["cli/args/arguments.ts"],
  },
  { what: "quotes for a shell", pattern: /'\\''/, files: ["base/text.ts"] },
  {
    what: "tells a JSON object from other values",
    pattern: /!Array\.isArray\(value\);/,
    files: ["base/json.ts"],
  },
  {
    what: "knows what a version looks like",
    pattern: /0\|\[1-9\]\S*\)\\\.\(/,
    files: ["base/version.ts"],
  },
  {
    what: "knows the name of the native library",
    pattern: /libimmuconfig/,
    files: ["native/library.ts"],
  },
  {
    what: "loads a command and starts it",
    pattern: /\.run\(createContext\(/,
    files: ["cli/main.ts"],
  },
  {
    what: "freezes a config",
    pattern: /Object\.freeze\(config/,
    files: ["runtime/config.ts"],
  },
  {
    what: "asks a question on the terminal",
    pattern: /createInterface\(/,
    files: ["cli/prompt/confirm.ts"],
  },
];

const files = [...new Glob("**/*.{ts,tsx}").scanSync(source)].map((file) => ({
  file,
  // Comments may speak of what another file does.
  code: readFileSync(join(source, file), "utf8").replace(/^\s*(?:\/?\*|\/\/).*$/gm, ""),
}));

test.each(RULES.map((rule) => [rule.what, rule] as const))("one place %s", (_what, rule) => {
  const found = files.filter(({ code }) => rule.pattern.test(code)).map(({ file }) => file);
  expect(found.toSorted()).toEqual(rule.files.toSorted());
});
