/** The command that simulates a fleet, small: what it prints is what happened. */

import { expect, setDefaultTimeout, test } from "bun:test";
import type { Simulation } from "../../src/cli/commands/plane/simulate/simulate.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(120_000);
const temporaryFolder = useTemporaryFolders();

function fleet(...args: readonly string[]) {
  return run([BUN, CLI, "fleet", ...args], { cwd: temporaryFolder() });
}

test("every agent of every process has each change, and the curve says when", async () => {
  const sizes = ["--hosts", "30", "--processes", "2", "--changes", "2", "--every", "1s"];
  const { exitCode, stdout, stderr } = await fleet("simulate", ...sizes, "--json");
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining("30 agents have begun")]);
  const done = JSON.parse(stdout) as Simulation;
  expect(done).toMatchObject({
    hosts: 30,
    processes: 2,
    changes: 2,
    everyMs: 1000,
    over: "event streams",
  });
  expect(done.spreads).toHaveLength(2);
  for (const { hosts, p50, p99, p999, last, curve, agentsCpuMs } of done.spreads) {
    expect(hosts).toBe(30);
    expect(p50 > 0 && p50 <= p99 && p99 <= p999 && p999 <= last).toBe(true);
    expect(curve.map((point) => point.hosts)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(curve.at(-1)?.ms).toBe(last);
    expect(agentsCpuMs).toBeGreaterThanOrEqual(0);
  }
  expect(Math.min(done.serverRss, done.agentsRss, done.checksCpuMs)).toBeGreaterThan(0);
});

test.skipIf(!hasNats())("so does every agent that hears from a broker", async () => {
  await using broker = await Broker.start();
  const sizes = ["--hosts", "12", "--processes", "2", "--changes", "2", "--every", "1s"];
  const { exitCode, stdout } = await fleet("simulate", ...sizes, "--nats", broker.url, "--json");
  const done = JSON.parse(stdout) as Simulation;
  expect([exitCode, done.over]).toEqual([0, "NATS"]);
  expect(done.spreads.map(({ hosts }) => hosts)).toEqual([12, 12]);
});

test("what cannot be simulated is refused before anything starts", async () => {
  const wrong = [
    ["simulate", "--hosts", "0"],
    ["simulate", "--hosts", "10001"],
    ["simulate", "--processes", "65"],
    ["simulate", "--changes", "0"],
    ["simulate", "--every", "often"],
    ["simulate", "--limit", "5"],
    ["status", "--every", "2s"],
    ["simulate", "more"],
    ["status", "--hosts", "5"],
    ["status", "--nats", "nats://127.0.0.1:4222"],
    ["nonsense"],
  ];
  for (const args of wrong) {
    expect([args, (await fleet(...args)).exitCode]).toEqual([args, 2]);
  }
});
