// A clone may bring anything under the name of a file: no command waits for it, or reads without an end.
import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import type { CommandName } from "../../src/cli/table.ts";
import { NO_HOME, PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { hostileClone, WORDS } from "../support/hostile_clone.ts";
import { buildPackage } from "../support/project.ts";
import { BUILT_CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(3 * PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

/** Kilobytes of memory that one command may have: far less than what it must not read. */
const MEMORY_MAX_KB = 1_500_000;

/** What is put into a file's place. */
const KINDS: Readonly<Record<string, (path: string) => void>> = {
  "a named pipe": (path) => void Bun.spawnSync(["mkfifo", path]),
  "a device": (path) => symlinkSync("/dev/zero", path),
  "a folder": (path) => mkdirSync(path),
  "links in a circle": (path) => symlinkSync(path, path),
  "a file of 10 GB": (path) => {
    writeFileSync(path, "");
    truncateSync(path, 10 * 2 ** 30);
  },
};

/**
 * Bun itself reads these two of the folder that it starts in before any program has a say, all of them.
 */
const OF_BUN: ReadonlySet<string> = new Set(["package.json", "tsconfig.json"]);

/** Files of a project that some command reads, with a text that is no reason to stop. */
const FILES: Readonly<Record<string, string>> = {
  "bunfig.toml": "",
  ".env": "",
  ".npmrc": "",
  "package.json": '{"name":"clone","workspaces":["packages/*"]}',
  "packages/a/package.json": '{"name":"a","version":"1.0.0"}',
  "bun.lock":
    '{"lockfileVersion":1,"workspaces":{"":{"name":"clone"},"packages/a":{"name":"a","version":"1.0.0"}},"packages":{"a":["a@workspace:packages/a"]}}',
  "tsconfig.json": "{}",
  "nx.json": "{}",
  "turbo.json": "{}",
  "pnpm-workspace.yaml": "",
  "immuconfig-gate.mjs": "",
  "bunfig.lockb.txt": "",
  ".gitattributes": "",
  ".gitignore": "",
  "src/app.ts": 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) console.log(1);\n',
  "src/immuconfig.d.ts": "",
  "bunfig.lockb": "",
};

async function sweep(name: CommandName, place: string, kind: string): Promise<void> {
  if (kind === "a file of 10 GB" && OF_BUN.has(place)) return;
  const root = temporaryFolder();
  const { folder } = hostileClone(root);
  const { "bunfig.lockb": _, ...others } = FILES;
  rmSync(join(folder, "node_modules"), { recursive: true });
  writeFiles(folder, others);
  await run(["git", "init", "--quiet"], { cwd: folder });
  rmSync(join(folder, place), { force: true });
  mkdirSync(dirname(join(folder, place)), { recursive: true });
  KINDS[kind]?.(join(folder, place));
  const words = (WORDS[name] ?? "").split(" ").filter(Boolean);
  const command = [BUN, ...CLEAN_OPTIONS, BUILT_CLI, name, ...words];
  const { stderr, exitCode } = await run(
    ["sh", "-c", `ulimit -d ${MEMORY_MAX_KB}; exec "$@"`, "sh", ...command],
    {
      cwd: folder,
      env: { HOME: NO_HOME, PATH: "/usr/bin:/bin", TMPDIR: root },
      timeoutMs: 60_000,
    },
  );
  // Not by a signal, as for want of memory.
  const isRefused = exitCode < 128 && !stderr.includes("unexpected:");
  expect({ name, place, kind, stderr, exitCode, isRefused }).toMatchObject({ isRefused: true });
}

/** Commands that read more of a project than its record. */
const READERS: readonly CommandName[] = [
  "init",
  "types",
  "get",
  "feature",
  "lock",
  "install",
  "registry",
  "build",
  "check",
  "ledger",
  "git-setup",
];

test.each(READERS)("%s waits for no pipe", async (name) => {
  for (const place of Object.keys(FILES)) await sweep(name, place, "a named pipe");
});

test.each(Object.keys(KINDS))("doctor ends at %s", async (kind) => {
  for (const place of Object.keys(FILES)) await sweep("doctor", place, kind);
});

test.each(Object.keys(KINDS))(
  "a start without them all ends at %s for bunfig.toml",
  async (kind) => {
    const folder = temporaryFolder();
    writeConfigFile(folder, PLAIN_FILE);
    KINDS[kind]?.(join(folder, "bunfig.toml"));
    // Bun itself reads the file, unless it is told another one.
    const command = [BUN, "--config=/dev/null", BUILT_CLI, "verify"];
    const limited = ["sh", "-c", `ulimit -d ${MEMORY_MAX_KB}; exec "$@"`, "sh", ...command];
    const { stdout, stderr, exitCode } = await run(limited, {
      cwd: folder,
      env: { HOME: NO_HOME, PATH: "/usr/bin:/bin" },
    });
    expect({ stdout, stderr, exitCode }).toMatchObject({
      stdout: expect.stringContaining("is valid"),
      stderr: "",
      exitCode: 0,
    });
  },
);
