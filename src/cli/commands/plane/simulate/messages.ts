/** What a simulation and its processes of agents tell each other: one JSON a line. */

import type { NatsSettings } from "../../../../fleet/nats_settings.ts";

/** To a process, once. The token is in no command line. */
export interface AgentsOrder {
  readonly server: string;
  /** Brokers that the agents hear from; null for event streams of the server. */
  readonly nats: NatsSettings | null;
  readonly token: string;
  readonly project: string;
  readonly environment: string;
  /** The raw key that signs, in hex. */
  readonly key: string;
  /** The record that every host has, in base64. */
  readonly record: string;
  /** Hosts FIRST to FIRST + COUNT - 1. */
  readonly first: number;
  readonly count: number;
}

/** From a process: agents that have verified a set, and what the process has cost so far; at times the latter alone. */
export interface AgentsNews {
  /** 0 where there is no news of agents. */
  readonly sequence: number;
  /** When each was done with it, in milliseconds since 1970. */
  readonly times: readonly number[];
  /** Milliseconds of processor time. */
  readonly cpuMs: number;
  /** Bytes. */
  readonly rss: number;
}

/** The one clock that processes of a machine share, finer than a millisecond. Milliseconds since 1970. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}

/** Of this process: milliseconds of processor time. */
export function cpuMsOf(usage: NodeJS.CpuUsage): number {
  return (usage.user + usage.system) / 1000;
}
