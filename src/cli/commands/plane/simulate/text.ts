import type { Spread } from "./simulate.ts";

/** One change of a simulation in words. */
export function spreadText(index: number, one: Spread): string {
  return `change ${index + 1}: half after ${one.p50} ms, 99 % after ${one.p99} ms, 99.9 % after ${one.p999} ms, the last of ${one.hosts} after ${one.last} ms; processor time of the server ${one.serverCpuMs} ms, of the agents ${one.agentsCpuMs} ms`;
}
