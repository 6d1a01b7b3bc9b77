/** Which hosts run what, as their agents say; kept while the server runs. */

import type { Place } from "./domain/decide.ts";

export interface HostReport {
  readonly host: string;
  /** Of the record that the host runs; null where it cannot be read. */
  readonly generation: number | null;
  /** Of the set of overrides that it obeys; null before the first. */
  readonly sequence: number | null;
  /** Why the newest set is not obeyed, in words. */
  readonly problem: string | null;
}

export interface SeenHost extends HostReport {
  /** Milliseconds since 1970. */
  readonly seen: number;
}

/** Hosts of one environment; the one heard of least lately goes for a new one. */
const HOST_COUNT_MAX = 10_000;
/** Milliseconds after which a silent host is forgotten. */
const FORGOTTEN_MS = 24 * 60 * 60 * 1000;

export class Hosts {
  readonly #places = new Map<string, Map<string, SeenHost>>();

  report(place: Place, report: HostReport, now: number): void {
    const hosts = this.#hostsOf(place);
    hosts.delete(report.host);
    hosts.set(report.host, { ...report, seen: now });
    const oldest = hosts.keys().next();
    if (hosts.size > HOST_COUNT_MAX && oldest.done !== true) hosts.delete(oldest.value);
  }

  list(place: Place, now: number): SeenHost[] {
    return [...this.#hostsOf(place).values()].filter(({ seen }) => seen > now - FORGOTTEN_MS);
  }

  #hostsOf({ project, environment }: Place): Map<string, SeenHost> {
    const name = `${project}/${environment}`;
    const hosts = this.#places.get(name) ?? new Map<string, SeenHost>();
    this.#places.set(name, hosts);
    return hosts;
  }
}
