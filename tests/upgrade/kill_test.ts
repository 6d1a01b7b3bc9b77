// Whenever an upgrade is killed, the program works, and the next upgrade does.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programFiles, putInPlace } from "../../src/upgrade/swap.ts";
import { upgradeProgram } from "../../src/upgrade/engine.ts";
import { type SystemCall, trace } from "../support/strace.ts";
import { testWith } from "../support/tools.ts";
import { olderBun, placeProgram, realBun } from "../support/real_bun.ts";
import { fakeBun, UpgradeFixture } from "../support/upgrade_fixture.ts";

setDefaultTimeout(60_000);

/** Calls that change names, or make them durable. */
const CHANGING = new Set(["link", "rename", "unlink", "fsync"]);
const child = join(import.meta.dir, "children", "replace.ts");
const upgradeChild = join(import.meta.dir, "children", "upgrade.ts");

let folder: string;
let target: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-kill-")));
  target = join(folder, "bun");
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function command(action: string): string[] {
  return [process.execPath, child, action, target];
}

function version(): string {
  return Bun.spawnSync([target, "--version"]).stdout.toString().trim();
}

/** An old program in place, and in `second` the new one; each is a fresh file. */
function layOut(second: string): void {
  for (const [path, text] of [
    [target, fakeBun("1.4.4")] as const,
    [second, fakeBun("1.4.5")] as const,
  ]) {
    rmSync(path, { force: true });
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }
}

/** The system calls of an action on the program's files, in their order. */
async function callsOf(action: string): Promise<SystemCall[]> {
  const { folder: _, ...paths } = programFiles(target);
  const { calls } = await trace(command(action), [folder, ...Object.values(paths)]);
  return [...calls];
}

/** Runs an action, and kills it when it enters that system call. */
async function killAt(action: string, { name, ordinal }: SystemCall): Promise<void> {
  const { folder: _, ...paths } = programFiles(target);
  const fault = `${name}:signal=KILL:when=${ordinal}`;
  const { exitCode } = await trace(command(action), [folder, ...Object.values(paths)], fault);
  expect(exitCode).toBe(137);
}

const testWithStrace = testWith("strace");

describe("killed at every system call", () => {
  testWithStrace(
    "of the replacement: the program works, and the next replacement too",
    async () => {
      const files = programFiles(target);
      layOut(files.fresh);
      const calls = await callsOf("putInPlace");
      const names = calls.map(({ name }) => name);
      for (const name of ["link", "rename", "fsync"]) expect(names).toContain(name);
      const versions = new Set<string>();
      for (const call of calls) {
        layOut(files.fresh);
        await killAt("putInPlace", call);
        versions.add(version());
        layOut(files.fresh);
        putInPlace(files);
        expect(version()).toBe("1.4.5");
        expect(existsSync(files.spare)).toBe(false);
      }
      expect(versions).toEqual(new Set(["1.4.4", "1.4.5"]));
    },
  );

  testWithStrace("of the way back: the program works", async () => {
    const files = programFiles(target);
    layOut(files.previous);
    const versions = new Set<string>();
    for (const call of await callsOf("swapWithPrevious")) {
      layOut(files.previous);
      await killAt("swapWithPrevious", call);
      versions.add(version());
    }
    expect(versions).toEqual(new Set(["1.4.4", "1.4.5"]));
  });

  testWithStrace.skipIf(olderBun === undefined)("with a real Bun: it works", async () => {
    const files = programFiles(target);
    const layOutReal = () => {
      placeProgram(olderBun ?? "", target);
      placeProgram(realBun, files.fresh);
    };
    layOutReal();
    const calls = (await callsOf("putInPlace")).filter(({ name }) => CHANGING.has(name));
    const versions = new Set<string>();
    for (const call of calls) {
      layOutReal();
      await killAt("putInPlace", call);
      versions.add(version());
    }
    expect(versions).toEqual(new Set(["1.4.4", "1.4.5"]));
  });
});

test("killed at every step of an upgrade: the program works, and the next upgrade ends well", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.publish("1.4.5");
  const keys = fixture.registry.writeKeys(fixture.root);
  const steps = ["planned", "downloaded", "signed", "unpacked", "ran", "replaced", "confirmed"];
  for (const step of steps) {
    fixture.install("1.4.4");
    const run = Bun.spawn(
      [process.execPath, upgradeChild, fixture.registry.url, keys, fixture.target, step],
      { stdout: "ignore", stderr: "inherit", timeout: 20_000 },
    );
    await run.exited;
    expect(run.signalCode).toBe("SIGKILL");
    const found = Bun.spawnSync([fixture.target, "--version"]).stdout.toString().trim();
    expect(found).toBe(["replaced", "confirmed"].includes(step) ? "1.4.5" : "1.4.4");

    fixture.install("1.4.4");
    await upgradeProgram(await fixture.task());
    expect(fixture.names()).toEqual(["bun", "bun.prev"]);
  }
});
