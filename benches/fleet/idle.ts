/** What the agent of one host costs while nothing changes: the command, as a host runs it. */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Broker } from "../../tests/support/nats.ts";
import { newTemporaryFolder } from "../../tests/support/temp.ts";
import { residentBytes } from "../plane/process_cost.ts";
import { processorNs } from "../support/clock.ts";
import { Plane, recordFile } from "../plane/servers.ts";
import { check } from "../support/measure.ts";
import { onlineKey } from "./plane.ts";

/** Milliseconds after which an agent that nothing asks does nothing but wait. */
const SETTLED_MS = 30_000;
const CLI = join(import.meta.dir, "..", "..", "dist", "cli", "config.js");

export interface IdleCost {
  /** Of a core. */
  readonly share: number;
  readonly bytes: number;
}

/** @param ms to watch it */
export async function idleCost(broker: Broker, ms: number): Promise<IdleCost> {
  await using plane = await Plane.start({ IMMUCONFIG_NATS: broker.url });
  const home = newTemporaryFolder();
  const runtime = join(home, "run");
  mkdirSync(runtime, { mode: 0o700 });
  writeFileSync(join(home, "bunfig.lockb"), recordFile());
  const words = [
    "agent",
    "--nats",
    broker.url,
    "--env",
    "live",
    "--online-key",
    await onlineKey(plane),
  ];
  const agent = Bun.spawn([process.execPath, CLI, ...words], {
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, XDG_RUNTIME_DIR: runtime },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let said = "";
    for await (const chunk of agent.stdout.pipeThrough(new TextDecoderStream())) {
      said += chunk;
      if (said.includes("set ")) break;
    }
    check(said.includes("set "), `the agent said ${said}`);
    // What starting it left to do: reports, and the engine's own compiling and collecting.
    await Bun.sleep(Math.min(ms, SETTLED_MS));
    const before = processorNs(agent.pid);
    await Bun.sleep(ms);
    return {
      share: (processorNs(agent.pid) - before) / (ms * 1e6),
      bytes: residentBytes(agent.pid),
    };
  } finally {
    agent.kill("SIGKILL");
    await agent.exited;
    rmSync(home, { recursive: true, force: true });
  }
}
