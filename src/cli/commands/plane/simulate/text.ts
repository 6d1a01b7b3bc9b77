/** What a simulation came to, in words. */

import type { Simulation, Spread } from "./simulate.ts";

/** One change of a simulation in words. */
export function spreadText(index: number, one: Spread): string {
  return `change ${index + 1}: half after ${one.p50} ms, 99 % after ${one.p99} ms, 99.9 % after ${one.p999} ms, the last of ${one.hosts} after ${one.last} ms; processor time of the server ${one.serverCpuMs} ms, of the agents ${one.agentsCpuMs} ms`;
}

export function simulationText(done: Simulation): string {
  const { hosts, processes, over, spreads, startMs, serverRss, agentsRss, checksCpuMs } = done;
  const best = spreads.toSorted((a, b) => a.p999 - b.p999)[0];
  return [
    `${hosts} agents in ${processes} processes, over ${over}, begun after ${startMs} ms`,
    ...spreads.map((one, index) => spreadText(index, one)),
    ...(best?.curve ?? [])
      .filter(
        (_, index, { length }) => index % Math.ceil(length / 10) === 0 || index === length - 1,
      )
      .map(({ ms, hosts: count }) => `  ${String(count).padStart(6)} after ${ms} ms`),
    `memory of the server ${megabytes(serverRss)}, of the agents ${megabytes(agentsRss)}: ${Math.round(agentsRss / hosts / 1000)} kB each`,
    `as many checks of the signature alone: ${checksCpuMs} ms of processor time`,
  ].join("\n");
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
