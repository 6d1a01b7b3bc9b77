/** Which hosts run what, as their agents say; kept while the server runs. */

import type { SeenHost } from "../agent/fleet_view.ts";
import type { HostStatus } from "../agent/transport.ts";
import { BoundedMap } from "../base/bounded_map.ts";
import { type Place, placeName } from "./domain/places.ts";

/** Hosts of one environment; the one heard of least lately goes for a new one. */
const HOST_COUNT_MAX = 20_000;
/** Of all environments: beyond it, a new one takes the place of one of the environment that has the most. */
const COUNT_MAX = 100_000;
/** Milliseconds after which a silent host is forgotten. */
const FORGOTTEN_MS = 24 * 60 * 60 * 1000;

export class Hosts {
  readonly #places = new Map<string, BoundedMap<string, SeenHost>>();
  #count = 0;

  report(place: Place, report: HostStatus, now: number): void {
    const hosts = this.#hostsOf(place);
    const before = hosts.get(report.host);
    const held = report.heldMs === null ? null : now - report.heldMs;
    // An agent that starts again has not seen it, but was heard of before.
    const since = held ?? (before?.sequence === report.sequence ? before.since : null);
    const { size } = hosts;
    hosts.put(report.host, { ...report, seen: now, since });
    this.#count += hosts.size - size;
    if (this.#count <= COUNT_MAX) return;
    const most = [...this.#places.values()].reduce((a, b) => (b.size > a.size ? b : a), hosts);
    most.dropOldest();
    this.#count--;
  }

  list(place: Place, now: number): SeenHost[] {
    return [...this.#hostsOf(place).values()].filter(({ seen }) => seen > now - FORGOTTEN_MS);
  }

  #hostsOf(place: Place): BoundedMap<string, SeenHost> {
    const name = placeName(place);
    const hosts = this.#places.get(name) ?? new BoundedMap<string, SeenHost>(HOST_COUNT_MAX);
    this.#places.set(name, hosts);
    return hosts;
  }
}
