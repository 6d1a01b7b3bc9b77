// A project with more than 500 packages, from its first key to the last, by the lines of the guide.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROCESS_TESTS_TIMEOUT_MS, pathWithBun, writeFiles } from "../support/cli.ts";
import { CLEAN_OPTIONS } from "../../src/cli/clean_start.ts";
import { publishPackage, runBun } from "../support/locked_project.ts";
import { CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { TestRegistry } from "../support/test_registry.ts";

setDefaultTimeout(2 * PROCESS_TESTS_TIMEOUT_MS);

const PACKAGE_COUNT = 520;
const GUIDE = join(REPOSITORY, "docs", "guides", "signed_installs.md");
/** Commands that ask, and those that open a key: nobody is at a terminal here. */
const ASKS = /^(?:init|sign|add|update|remove|trust)\b/;
const OPENS_KEY = /^(?:key new|key rotate|sign|lock|add|update|remove)\b/;

const temporaryFolder = useTemporaryFolders();
let registry: TestRegistry;
beforeAll(async () => {
  registry = await TestRegistry.start();
});
afterAll(() => registry[Symbol.asyncDispose]());

/** The commands of the guide, in its order, without the program's name. */
function guideLines(): string[] {
  const blocks = readFileSync(GUIDE, "utf8").matchAll(/^```sh\n([^`]*)^```$/gm);
  return [...blocks].flatMap(([, block = ""]) =>
    block.split("\n").flatMap((line) => /^bun-config ([^#]+)/.exec(line)?.[1]?.trim() ?? []),
  );
}

test("lives by the words of the guide", async () => {
  const root = temporaryFolder();
  const folder = join(root, "project");
  const env = {
    HOME: join(root, "home"),
    PATH: pathWithBun(),
    BUN_INSTALL_CACHE_DIR: join(root, "cache"),
  };
  mkdirSync(env.HOME);
  const names = Array.from({ length: PACKAGE_COUNT }, (_, i) => `package-${i}`);
  names.forEach((name, i) => {
    const next = names[i + 1];
    const dependencies = i % 2 === 0 && next !== undefined ? { [next]: "^1" } : {};
    publishPackage(registry, name, "1.0.0", { dependencies });
  });
  const direct = names.filter((_, i) => i % 2 === 0).map((name) => [name, "^1"]);
  writeFiles(folder, {
    "package.json": JSON.stringify({
      name: "shop",
      private: true,
      dependencies: Object.fromEntries(direct),
    }),
    "bunfig.toml": `[install]\nregistry = "${registry.url}"\n`,
  });
  expect(await runBun({ folder, env }, ["install"])).toMatchObject({ exitCode: 0 });
  publishPackage(registry, "nanoid", "1.0.0");

  const command = async (line: string) => {
    const more = [
      ...(ASKS.test(line) ? ["--yes"] : []),
      ...(OPENS_KEY.test(line) ? ["--passphrase-fd", "0"] : []),
    ];
    const words = [BUN, ...CLEAN_OPTIONS, CLI, ...line.split(" "), ...more];
    return run(words, { cwd: folder, env, stdin: "a passphrase\n", timeoutMs: 60_000 });
  };
  const lines = guideLines();
  expect(lines.length).toBeGreaterThan(12);
  for (const line of lines) {
    if (line === "update nanoid") publishPackage(registry, "nanoid", "1.1.0");
    const { exitCode, stdout, stderr } = await command(line);
    expect({ line, exitCode, stderr }).toMatchObject({ line, exitCode: 0 });
    if (line === "lock") expect(stdout).toContain(`Listed ${PACKAGE_COUNT} packages`);
    if (line === "add nanoid") expect(stdout + stderr).toContain("+ nanoid@1.0.0");
    if (line === "update nanoid") expect(stdout + stderr).toContain("+ nanoid@1.1.0");
    if (line === "install") {
      expect(existsSync(join(folder, "node_modules", "package-519", "index.js"))).toBe(true);
    }
    if (line === "trust rotate rotation.json") {
      expect((await command("install")).stderr).toContain("was revoked on");
    }
  }
  const revoked = await command("install");
  expect([revoked.exitCode, revoked.stderr]).toEqual([
    4,
    expect.stringContaining("was revoked on"),
  ]);
  expect((await command("trust add next")).exitCode).toBe(5);
});
