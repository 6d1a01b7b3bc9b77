/** The hosts of an environment together: who has the last change, who is silent, how it spread. Pure. */

import type { FleetView, SeenHost } from "../agent/fleet_view.ts";
import type { Environment } from "./domain/state.ts";

/** Milliseconds: an agent looks every five minutes, and says so; two looks that were lost are too many. */
export const SILENT_MS = 11 * 60 * 1000;
/** Of the curve, and of each list of groups. */
const POINT_COUNT_MAX = 100;
const GROUP_COUNT_MAX = 16;

/** @param limit of the hosts that are listed */
export function fleetOf(
  { changes: sequence, history }: Environment,
  hosts: readonly SeenHost[],
  limit: number,
  now: number,
): FleetView {
  const changed = history[0]?.time ?? null;
  const marked = hosts.map((host) => ({ ...host, silent: host.seen <= now - SILENT_MS }));
  const heard = marked.filter(({ silent }) => !silent);
  const current = heard.filter((host) => host.sequence === sequence);
  return {
    sequence,
    changed,
    counts: {
      hosts: hosts.length,
      current: current.length,
      behind: heard.length - current.length,
      silent: marked.length - heard.length,
      refusing: heard.filter(({ problem }) => problem !== null).length,
    },
    sequences: groups(heard.map((host) => host.sequence)),
    generations: groups(heard.map(({ generation }) => generation)),
    versions: groups(heard.map(({ version }) => version)),
    curve: changed === null ? [] : curveOf(current, changed),
    hosts: marked.toSorted((a, b) => urgency(b, sequence) - urgency(a, sequence)).slice(0, limit),
  };
}

function groups<Value>(values: readonly Value[]): { value: Value; hosts: number }[] {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, hosts]) => ({ value, hosts }))
    .toSorted((a, b) => b.hosts - a.hosts)
    .slice(0, GROUP_COUNT_MAX);
}

function curveOf(current: readonly SeenHost[], changed: number): { ms: number; hosts: number }[] {
  const delays = current
    .flatMap(({ since }) => (since === null ? [] : [Math.max(0, since - changed)]))
    .toSorted((a, b) => a - b);
  const count = Math.min(delays.length, POINT_COUNT_MAX);
  return Array.from({ length: count }, (_, index) => {
    const hosts = Math.ceil(((index + 1) * delays.length) / count);
    return { ms: delays[hosts - 1] ?? 0, hosts };
  });
}

function urgency(host: SeenHost & { readonly silent: boolean }, sequence: number): number {
  if (host.silent) return 3;
  if (host.problem !== null) return 2;
  return host.sequence === sequence ? 0 : 1;
}
