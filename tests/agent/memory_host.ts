/** Hosts of the tests that have no disk and no process: many are in one. */

import { Agent } from "../../src/agent/agent.ts";
import { PlaneClient } from "../../src/agent/plane_client.ts";

export interface MemoryHost {
  /** Of the sets that it obeyed, in order. */
  readonly sequences: number[];
  readonly problems: string[];
  /** Of the last one. */
  overrides: object;
}

/**
 * Starts an agent that follows shop/live.
 *
 * @param key with which the server signs, in hex
 * @param silenceMs milliseconds after which it gives up a stream on which nothing came
 */
export function memoryHost(
  server: string,
  token: string,
  key: string,
  signal: AbortSignal,
  silenceMs?: number,
): MemoryHost {
  const host: MemoryHost = { sequences: [], problems: [], overrides: {} };
  const place = { project: "shop", environment: "live" };
  let kept: string | undefined;
  const agent = new Agent({
    transport: new PlaneClient({ server, token, ...place }, silenceMs),
    ...place,
    keys: () => [Uint8Array.fromHex(key)],
    kept: { path: "memory", read: () => kept, write: (text) => void (kept = text) },
    switchFlags: (wanted) =>
      Promise.resolve({ applied: wanted.map(({ name }) => name), refused: [] }),
    host: `host-${crypto.randomUUID()}`,
    file: () => undefined,
    now: Date.now,
    signal,
    report(event) {
      if (event.kind === "refused") host.problems.push(event.message);
      if (event.kind !== "applied") return;
      host.sequences.push(event.sequence);
      host.overrides = event.overrides;
    },
  });
  void agent.run();
  return host;
}
