/** How fast a change is with many hosts: the command that simulates them, with a control plane of its own. */

import { CLI } from "../../tests/support/repository.ts";
import { check } from "../support/measure.ts";

export interface Simulated {
  /** Milliseconds until 99.9 % of the hosts had a change, of the slowest and the fastest one. */
  readonly slowest: number;
  readonly fastest: number;
  /** Resident, of the control plane and of all agents together. */
  readonly serverBytes: number;
  readonly agentsBytes: number;
  /** Milliseconds of processor time that as many checks of a signature take. */
  readonly checks: number;
}

interface Answer {
  readonly spreads: readonly { readonly hosts: number; readonly p999: number }[];
  readonly serverRss: number;
  readonly agentsRss: number;
  readonly checksCpuMs: number;
}

/**
 * @param hosts of which each has what an agent has, but for a disk
 * @param nats the address of a broker; event streams without one
 */
export async function simulatedFleet(
  hosts: number,
  changes: number,
  nats: string | undefined,
): Promise<Simulated> {
  const words = ["--hosts", `${hosts}`, "--changes", `${changes}`, "--json", "--quiet"];
  const child = Bun.spawn(
    [process.execPath, CLI, "fleet", "simulate", ...words, ...(nats ? ["--nats", nats] : [])],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const answer = (await child.stdout.json()) as Answer;
  check((await child.exited) === 0, "the simulation failed");
  check(answer.spreads.length === changes, "a change is missing");
  check(
    answer.spreads.every((spread) => spread.hosts === hosts),
    "a host has not heard of a change",
  );
  const times = answer.spreads.map(({ p999 }) => p999);
  return {
    slowest: Math.max(...times),
    fastest: Math.min(...times),
    serverBytes: answer.serverRss,
    agentsBytes: answer.agentsRss,
    checks: answer.checksCpuMs,
  };
}
