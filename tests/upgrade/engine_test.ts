import { expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { inspectUpgrade, upgradeProgram } from "../../src/upgrade/engine.ts";
import { rollbackProgram } from "../../src/upgrade/rollback.ts";
import { fakeBun, UpgradeFixture } from "../support/upgrade_fixture.ts";

test("an upgrade takes every step in its order, and a rollback takes it back", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  fixture.publish("1.4.5");
  const task = await fixture.task();

  const plan = await upgradeProgram(task);

  expect(plan).toMatchObject({ change: "upgrade", from: "1.4.4", to: "1.4.5" });
  const steps = fixture.events.map(({ kind }) => kind).filter((kind) => kind !== "progress");
  expect(steps).toEqual([
    "planned",
    "downloaded",
    "signed",
    "noProvenance",
    "unpacked",
    "ran",
    "replaced",
    "confirmed",
  ]);
  expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.5"));
  expect(readFileSync(`${fixture.target}.prev`, "utf8")).toBe(fakeBun("1.4.4"));
  expect(statSync(fixture.target).mode & 0o777).toBe(0o755);
  expect(fixture.names()).toEqual(["bun", "bun.prev"]);

  expect(await rollbackProgram(task)).toEqual({ from: "1.4.5", to: "1.4.4" });
  expect(readFileSync(fixture.target, "utf8")).toBe(fakeBun("1.4.4"));
  expect(await rollbackProgram(task)).toEqual({ from: "1.4.4", to: "1.4.5" });
  expect(fixture.names()).toEqual(["bun", "bun.prev"]);
});

test("an upgrade to the installed version changes nothing", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.5");
  fixture.publish("1.4.5");
  const plan = await upgradeProgram(await fixture.task());
  expect(plan.change).toBe("none");
  expect(fixture.names()).toEqual(["bun"]);
});

test("an inspection tells the plan and the signature, and downloads nothing", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.install("1.4.4");
  fixture.publish("1.4.5");
  const { plan, signature } = await inspectUpgrade(await fixture.task());
  expect(plan.to).toBe("1.4.5");
  expect(signature?.keyId).toBe(fixture.registry.keyId);
  expect(fixture.registry.requests).toHaveLength(1);
  expect(fixture.names()).toEqual(["bun"]);
});

test("a program is made where there was none", async () => {
  await using fixture = await UpgradeFixture.start();
  fixture.publish("1.4.5");
  const plan = await upgradeProgram(await fixture.task());
  expect(plan).toMatchObject({ change: "install", from: undefined });
  expect(fixture.names()).toEqual(["bun"]);
});
