import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

// What real Bun does to our file under its own name, and under ours. The first is why the file is
// called bunfig.lockb. Local packages: no network.

const temporaryFolder = useTemporaryFolders();
const bytes = encodeFile(PLAIN_FILE);

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}

/** A project beside two local packages, with an empty home. */
class Project {
  readonly folder: string;
  readonly #home: string;

  constructor(dependencies: Readonly<Record<string, string>> = {}) {
    const root = temporaryFolder();
    this.folder = join(root, "project");
    this.#home = join(root, "home");
    for (const name of ["project", "home", "left", "right"]) mkdirSync(join(root, name));
    for (const name of ["left", "right"]) {
      writeJson(join(root, name, "package.json"), { name, version: "1.0.0" });
    }
    writeJson(join(this.folder, "package.json"), { name: "project", dependencies });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Buffer | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name)) : undefined;
  }

  async bun(...args: string[]): Promise<string> {
    const { stdout, stderr, exitCode } = await run([BUN, ...args], {
      cwd: this.folder,
      env: { HOME: this.#home, BUN_INSTALL_CACHE_DIR: join(this.#home, "cache") },
    });
    if (exitCode !== 0) throw new Error(`bun ${args.join(" ")}: ${stderr}`);
    return stdout + stderr;
  }
}

const LEFT = { left: "file:../left" };

describe("Bun finds a foreign bun.lockb", () => {
  test("beside a bun.lock with packages: leaves it alone", async () => {
    const project = new Project(LEFT);
    await project.bun("install");
    expect(project.read("bun.lock")).toBeDefined();
    writeFileSync(project.path("bun.lockb"), bytes);
    await project.bun("install");
    await project.bun("add", "file:../right");
    await project.bun("remove", "right");
    expect(project.read("bun.lockb")).toEqual(Buffer.from(bytes));
  });

  test("without a bun.lock: replaces it", async () => {
    const project = new Project(LEFT);
    writeFileSync(project.path("bun.lockb"), bytes);
    expect(await project.bun("install")).toContain("InvalidLockfile");
    const after = project.read("bun.lockb");
    expect(after?.subarray(0, 4).toString()).not.toBe("BUN1");
    expect(after?.subarray(0, 64).toString()).toContain("bun-lockfile-format");
  });

  test("without dependencies: deletes it", async () => {
    const project = new Project();
    writeFileSync(project.path("bun.lockb"), bytes);
    await project.bun("install");
    expect(project.read("bun.lockb")).toBeUndefined();
  });
});

describe("bunfig.lockb stays as it is", () => {
  const commands = [
    ["install"],
    ["add", "file:../right"],
    ["update"],
    ["install", "--force"],
    ["install", "--production"],
    ["remove", "right"],
    ["install", "--frozen-lockfile"],
  ];

  test.each([
    ["with dependencies", LEFT],
    ["without dependencies", {}],
  ])("%s", async (_, dependencies) => {
    const project = new Project(dependencies);
    writeFileSync(project.path("bunfig.lockb"), bytes);
    for (const command of commands) {
      await project.bun(...command);
      expect(project.read("bunfig.lockb"), command.join(" ")).toEqual(Buffer.from(bytes));
    }
  });
});

function config(project: Project, ...words: string[]) {
  return run([BUN, CLI, ...words, "--file", "bun.lockb"], { cwd: project.folder });
}

describe("--file bun.lockb", () => {
  test("beside a bun.lock with packages: is created, changed, and left alone by Bun", async () => {
    const project = new Project(LEFT);
    await project.bun("install");
    expect(await config(project, "bootstrap")).toMatchObject({ exitCode: 0 });
    expect(await config(project, "feature", "enable", "DEBUG")).toMatchObject({ exitCode: 0 });
    await project.bun("install");
    const { stdout } = await config(project, "get", "features.DEBUG");
    expect(stdout).toBe("true\n");
  });

  test("where Bun would remove it: is refused, with the reason", async () => {
    const project = new Project();
    const { exitCode, stderr } = await config(project, "bootstrap");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 5,
      stderr: expect.stringContaining("leaves a bun.lockb alone only beside a bun.lock"),
    });
    expect(project.read("bun.lockb")).toBeUndefined();
    writeFileSync(project.path("bun.lockb"), bytes);
    expect(await config(project, "set", "version", "1")).toMatchObject({ exitCode: 5 });
    expect(project.read("bun.lockb")).toEqual(Buffer.from(bytes));
  });

  test("that is Bun's own: is refused", async () => {
    const project = new Project(LEFT);
    writeFileSync(project.path("bun.lockb"), bytes);
    await project.bun("install");
    const own = project.read("bun.lockb");
    const { exitCode, stderr } = await config(project, "bootstrap");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 5,
      stderr: expect.stringContaining("is Bun's own lockfile"),
    });
    expect(project.read("bun.lockb")).toEqual(own);
  });
});
