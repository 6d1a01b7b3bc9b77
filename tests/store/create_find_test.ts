import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { findFile, requireFile } from "../../src/store/find.ts";
import { createFile } from "../../src/store/durable_write.ts";
import { readConfigFile } from "../../src/trust/verified.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { errorOf } from "../support/errors.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

describe("createFile", () => {
  const bytes = encodeFile(PLAIN_FILE);

  test("makes a whole file, and overwrites none", () => {
    const path = join(temporaryFolder(), "bunfig.lockb");
    createFile(path, bytes);
    expect(readConfigFile(path, {}).generation).toBe(1);
    expect(errorOf(() => createFile(path, bytes))).toMatchObject({
      code: "ERR_EXISTS",
      hint: "It was made meanwhile: look at it, and run the command again.",
    });
  });

  test("lets one of several processes win", async () => {
    const folder = temporaryFolder();
    const script = join(import.meta.dir, "children", "create.ts");
    const path = join(folder, "bunfig.lockb");
    const runs = await Promise.all(Array.from({ length: 8 }, () => run([BUN, script, path])));
    const ends = runs.map(({ stdout }) => stdout.trim()).toSorted();
    expect(ends).toEqual([...Array.from({ length: 7 }, () => "ERR_EXISTS"), "created"]);
    expect(readdirSync(folder)).toEqual(["bunfig.lockb"]);
    expect(readConfigFile(path, {}).generation).toBe(1);
  });

  test("leaves another writer's half-written file alone", () => {
    const folder = temporaryFolder();
    // That of a process with the same id in another container.
    const other = join(folder, `.bunfig.lockb.${process.pid}.new`);
    writeFileSync(other, "half");
    createFile(join(folder, "bunfig.lockb"), bytes);
    expect(readFileSync(other, "utf8")).toBe("half");
    expect(readdirSync(folder)).toHaveLength(2);
  });

  test("leaves nothing behind when it fails", () => {
    const folder = temporaryFolder();
    const error = errorOf(() => createFile(join(folder, "none", "bunfig.lockb"), bytes));
    expect(error).toHaveProperty("code", "ERR_WRITE");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("does not follow a link that leads nowhere", () => {
    const folder = temporaryFolder();
    symlinkSync("elsewhere", join(folder, "bunfig.lockb"));
    const error = errorOf(() => createFile(join(folder, "bunfig.lockb"), bytes));
    expect(error).toHaveProperty("code", "ERR_EXISTS");
  });
});

describe("the search", () => {
  test("goes upwards from the working folder", () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    const cwd = join(folder, "a", "b");
    mkdirSync(cwd, { recursive: true });
    expect(findFile({ cwd, env: {} })).toBe(path);
    expect(findFile({ cwd, env: { IMMUCONFIG_FILE: "" } })).toBe(path);
    const nearer = writeConfigFile(join(folder, "a"));
    expect(findFile({ cwd, env: {} })).toBe(nearer);
  });

  test("does not go past a link that leads nowhere", () => {
    const folder = temporaryFolder();
    writeConfigFile(folder);
    const cwd = join(folder, "a");
    mkdirSync(cwd);
    symlinkSync("nowhere", join(cwd, "bunfig.lockb"));
    expect(findFile({ cwd, env: {} })).toBe(join(cwd, "bunfig.lockb"));
  });

  test("ends at what cannot be looked at, and goes past what is no folder", () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    symlinkSync("circle", join(folder, "circle"));
    const hidden = join(folder, "circle", "a");
    expect(findFile({ cwd: hidden, env: {} })).toBe(join(hidden, "bunfig.lockb"));
    expect(findFile({ cwd: join(path, "a"), env: {} })).toBe(path);
  });

  test("looks into 64 folders", () => {
    const folder = temporaryFolder();
    const path = writeConfigFile(folder);
    const below = (levels: number): string => join(folder, ...Array<string>(levels).fill("d"));
    mkdirSync(below(64), { recursive: true });
    expect(findFile({ cwd: below(63), env: {} })).toBe(path);
    expect(findFile({ cwd: below(64), env: {} })).toBeUndefined();
  });

  test("ends with the file that the user named", () => {
    const cwd = temporaryFolder();
    writeConfigFile(cwd);
    const env = { IMMUCONFIG_FILE: "env.lockb" };
    expect(findFile({ cwd, env })).toBe(join(cwd, "env.lockb"));
    expect(findFile({ cwd, env, file: "option.lockb" })).toBe(join(cwd, "option.lockb"));
    expect(findFile({ cwd, env: {}, file: "/elsewhere/x" })).toBe("/elsewhere/x");
  });

  test("that finds nothing says where it looked", () => {
    const cwd = temporaryFolder();
    const error = errorOf(() => requireFile({ cwd, env: {} }));
    expect(error).toHaveProperty("code", "ERR_NOT_FOUND");
    expect(error).toHaveProperty("message", expect.stringContaining(cwd));
  });
});
