// Disks that are full, folders that may not be written, and two upgrades at once.
import { expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type UpgradeTask, upgradeProgram } from "../../src/upgrade/engine.ts";
import { rollbackProgram } from "../../src/upgrade/rollback.ts";
import { resolveTarget } from "../../src/upgrade/target.ts";
import { packRelease } from "../support/tarball.ts";
import { hasLoopDisks, LoopDisk } from "../support/loop_disk.ts";
import { failure } from "../support/failure.ts";
import { fakeBun, product, UpgradeFixture } from "../support/upgrade_fixture.ts";

// Every command is a process of its own, on a machine that may be busy.
setDefaultTimeout(30_000);

const MEGABYTE = 1024 * 1024;
const upgradeChild = join(import.meta.dir, "children", "upgrade.ts");

/** Runs an upgrade that must fail with `ERR_WRITE`, and leave the folder as it was. */
async function refusedBySystem(task: UpgradeTask, message: RegExp) {
  const folder = dirname(task.target);
  const before = readdirSync(folder);
  const error = await failure(upgradeProgram(task));
  expect(error.message).toMatch(message);
  expect(error.code).toBe("ERR_WRITE");
  expect(readFileSync(task.target, "utf8")).toBe(fakeBun("1.4.4"));
  expect(readdirSync(folder)).toEqual(before);
}

test.skipIf(!hasLoopDisks)("a disk that fills up during the download", async () => {
  await using fixture = await UpgradeFixture.start();
  await using disk = await LoopDisk.create(2);
  fixture.install("1.4.4");
  copyFileSync(fixture.target, join(disk.folder, "bun"));
  const program = Buffer.concat([Buffer.from(fakeBun("1.4.5")), randomBytes(3 * MEGABYTE)]);
  const tarball = packRelease(product.member, program);
  fixture.registry.publish(product.platformPackage, { version: "1.4.5", tarball });
  const task = await fixture.task({ target: join(disk.folder, "bun") });
  await refusedBySystem(task, /cannot write .*\.part: the disk is full/);
});

test.skipIf(!hasLoopDisks)("a disk that fills up while the program is unpacked", async () => {
  await using fixture = await UpgradeFixture.start();
  await using disk = await LoopDisk.create(2);
  fixture.install("1.4.4");
  copyFileSync(fixture.target, join(disk.folder, "bun"));
  const program = Buffer.concat([Buffer.from(fakeBun("1.4.5")), Buffer.alloc(3 * MEGABYTE)]);
  const tarball = packRelease(product.member, program);
  fixture.registry.publish(product.platformPackage, { version: "1.4.5", tarball });
  const task = await fixture.task({ target: join(disk.folder, "bun") });
  await refusedBySystem(task, /cannot write .*upgrade-new: the disk is full/);
});

test.skipIf(!hasLoopDisks)("a file system that is read-only", async () => {
  await using fixture = await UpgradeFixture.start();
  await using disk = await LoopDisk.create(2);
  fixture.install("1.4.4");
  copyFileSync(fixture.target, join(disk.folder, "bun"));
  await disk.makeReadOnly();
  fixture.publish("1.4.5");
  const task = await fixture.task({ target: join(disk.folder, "bun") });
  await refusedBySystem(task, /the file system is read-only/);
});

test.skipIf(process.platform === "win32")("a folder that may not be written", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  fixture.publish("1.4.5");
  const folder = join(fixture.root, "closed");
  mkdirSync(folder);
  copyFileSync(fixture.target, join(folder, "bun"));
  chmodSync(fixture.root, 0o755);
  chmodSync(folder, 0o555);
  const task = await fixture.task({ target: join(folder, "bun") });
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await refusedBySystem(task, /cannot write in .*closed: permission denied/);
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(folder, 0o755);
  }
});

test("of two upgrades at once, one waits and finds nothing left to do", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  fixture.publish("1.4.5");
  const keys = fixture.registry.writeKeys(fixture.root);
  const start = () =>
    Bun.spawn([process.execPath, upgradeChild, fixture.registry.url, keys, fixture.target], {
      stdout: "pipe",
      stderr: "inherit",
      timeout: 20_000,
    });
  const runs = [start(), start()];
  const outputs = await Promise.all(runs.map(({ stdout }) => new Response(stdout).text()));
  expect(await Promise.all(runs.map(({ exited }) => exited))).toEqual([0, 0]);
  const results = outputs.map((output) => output.trim().split("\n").at(-1));
  expect(new Set(results)).toEqual(new Set(["none", "upgrade"]));
  expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.5"));
  expect(fixture.registry.requests.filter(({ path }) => path.endsWith(".tgz"))).toHaveLength(1);
});

test("an allowed downgrade is logged before it happens", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.5");
  fixture.publish("1.4.4");
  const { change } = await upgradeProgram(await fixture.task({ allowDowngrade: true }));
  expect(change).toBe("downgrade");
  const line: unknown = JSON.parse(readFileSync(fixture.logPath, "utf8"));
  expect(line).toEqual({
    time: "2026-11-20T00:00:00.000Z",
    command: "upgrade",
    product: "bun",
    path: fixture.target,
    from: "1.4.5",
    to: "1.4.4",
  });
});

test("a program below the record's minimum is logged, whatever it replaces", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.3");
  fixture.publish("1.4.4");
  const policy = {
    configVersion: 1,
    registry: fixture.registry.url,
    unsignedRegistries: [],
    minimumBun: "1.4.5",
  };
  const task = await fixture.task({ allowDowngrade: true, policy });
  expect((await upgradeProgram(task)).change).toBe("upgrade");
  await rollbackProgram({ ...task, policy: { ...policy, minimumBun: "1.4.0" } });
  await rollbackProgram(task);
  const lines = readFileSync(fixture.logPath, "utf8").trimEnd().split("\n");
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { command: "upgrade", from: "1.4.3", to: "1.4.4" },
    { command: "rollback", from: "1.4.4", to: "1.4.3" },
    { command: "rollback", from: "1.4.3", to: "1.4.4" },
  ]);
});

test("a downgrade that cannot be logged is refused", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.5");
  fixture.publish("1.4.4");
  const logPath = join(fixture.target, "no-folder");
  const upgrade = upgradeProgram(await fixture.task({ allowDowngrade: true, logPath }));
  expect((await failure(upgrade)).message).toMatch(/cannot log the downgrade/);
  expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.5"));
  expect(fixture.names()).toEqual(["bun"]);
});

test("a program that stops working once it is in place makes way for the old one", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  const choosy = `#!/bin/sh
case "$0" in *upgrade-new) ;; *) exit 7 ;; esac
case "$1" in --revision) echo 1.4.5+0 ;; *) echo 1.4.5 ;; esac
`;
  const tarball = packRelease(product.member, choosy);
  fixture.registry.publish(product.platformPackage, { version: "1.4.5", tarball });
  const upgrade = upgradeProgram(await fixture.task());
  expect((await failure(upgrade)).message).toMatch(/failed with status 7/);
  expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.4"));
  expect(fixture.names()).toEqual(["bun"]);
});

test("the new program takes over the old one's permissions", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  fixture.publish("1.4.5");
  chmodSync(fixture.target, 0o710);
  await upgradeProgram(await fixture.task());
  expect(statSync(fixture.target).mode & 0o777).toBe(0o710);
});

test.skipIf(process.geteuid?.() !== 0)(
  "root's upgrade leaves the program to its owner",
  async () => {
    await using fixture = await UpgradeFixture.start();
    fixture.install("1.4.4");
    fixture.publish("1.4.5");
    chownSync(fixture.target, 1234, 4321);
    await upgradeProgram(await fixture.task());
    const { uid, gid } = statSync(fixture.target);
    expect({ uid, gid }).toEqual({ uid: 1234, gid: 4321 });
  },
);

test("a symbolic link stays, and the program behind it is replaced", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  fixture.publish("1.4.5");
  const link = join(fixture.root, "link");
  symlinkSync(fixture.target, link);
  await upgradeProgram(await fixture.task({ target: resolveTarget(link) }));
  expect(realpathSync(link)).toBe(fixture.target);
  expect(readFileSync(link, "utf8")).toBe(fakeBun("1.4.5"));
});

test("what a killed upgrade left is removed, and other files are not", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  fixture.publish("1.4.5");
  for (const name of [
    ".bun.upgrade-new",
    ".bun.upgrade-1.4.3.part",
    ".bun.upgrade-spare",
    "bunx",
  ]) {
    writeFileSync(join(fixture.folder, name), "left");
  }
  await upgradeProgram(await fixture.task());
  expect(fixture.names()).toEqual(["bun", "bun.prev", "bunx"]);
});
