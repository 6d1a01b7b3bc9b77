// git's rule for safe.directory: a file that was found, and not named, must not be another user's.
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFile } from "../../src/store/find.ts";
import { cacheFolder } from "../../src/zig_import/cache.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { errorOf } from "../support/errors.ts";
import { CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(30_000);

const temporaryFolder = useTemporaryFolders();
const NOBODY = 65534;
const entry = join(REPOSITORY, "src", "index_bun.ts");

/** A folder for all users, with a victim's own folder in it. */
function sharedFolder(): { readonly shared: string; readonly work: string } {
  const shared = temporaryFolder();
  chmodSync(shared, 0o1777);
  const work = join(shared, "victim", "work");
  mkdirSync(work, { recursive: true });
  const app = `import { config } from ${JSON.stringify(entry)}; console.log(config.record);`;
  writeFileSync(join(work, "app.ts"), app);
  return { shared, work };
}

function runApp(work: string, user?: number): Promise<RunResult> {
  const as =
    user === undefined ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  return run([...as, BUN, join(work, "app.ts")], { cwd: work, env: { HOME: "/nonexistent" } });
}

describe.skipIf(process.getuid?.() !== 0)("a file that another user put above", () => {
  test("is refused by the search, by programs and by commands, and obeyed when it is named", async () => {
    const { shared, work } = sharedFolder();
    const path = writeConfigFile(shared, PLAIN_FILE);
    chownSync(path, NOBODY, NOBODY);
    expect(errorOf(() => findFile({ cwd: work, env: {} }))).toHaveProperty("code", "ERR_OWNER");
    expect(findFile({ cwd: work, env: {}, file: path })).toBe(path);

    const program = await runApp(work);
    expect(program.exitCode).not.toBe(0);
    expect(program.stderr).toContain("belongs to another user (65534)");
    const command = await run([BUN, CLI, "get", "version"], { cwd: work });
    expect(command.exitCode).toBe(5);
    expect(command.stdout).toBe("");
    expect(command.stderr).toContain("chown");
    const named = await run([BUN, CLI, "get", "version", "--file", path], { cwd: work });
    expect(named.stdout).toBe("1\n");
  });

  test("is refused behind a link, whether the link or what it leads to is theirs", () => {
    for (const isLink of [true, false]) {
      const { shared, work } = sharedFolder();
      const elsewhere = join(shared, "elsewhere");
      mkdirSync(elsewhere);
      const path = writeConfigFile(elsewhere, PLAIN_FILE);
      const link = join(shared, "bunfig.lockb");
      symlinkSync(path, link);
      expect(findFile({ cwd: work, env: {} })).toBe(link);
      if (isLink) lchownSync(link, NOBODY, NOBODY);
      else chownSync(path, NOBODY, NOBODY);
      expect(errorOf(() => findFile({ cwd: work, env: {} }))).toHaveProperty("code", "ERR_OWNER");
    }
  });

  test("is obeyed where it is root's, or the owner's of the folder that one works in", async () => {
    const { shared, work } = sharedFolder();
    const path = writeConfigFile(shared, PLAIN_FILE);
    chmodSync(path, 0o644);
    // An image's files are often root's, and its programs another user's.
    expect((await runApp(work, NOBODY)).exitCode).toBe(0);
    // A folder mounted into a container: all of it is the user's, and the process is root's.
    chownSync(path, NOBODY, NOBODY);
    chownSync(work, NOBODY, NOBODY);
    expect((await runApp(work)).exitCode).toBe(0);
  });

  test("is no cache for compiled modules", () => {
    const { shared, work } = sharedFolder();
    const modules = join(shared, "node_modules");
    mkdirSync(modules);
    const source = join(work, "a.zig");
    expect(cacheFolder(source, {})).toStartWith(modules);
    chownSync(modules, NOBODY, NOBODY);
    expect(cacheFolder(source, { XDG_CACHE_HOME: "/own" })).toBe("/own/immuconfig");
  });
});
