/** The transport over HTTP: an event stream that has each set in it, or says that something else has changed. */

import type { PlaneClient } from "./plane_client.ts";
import type { HostStatus, StateKind, TakeState, Transport } from "./transport.ts";

export class EventStream implements Transport {
  readonly #client: PlaneClient;

  constructor(client: PlaneClient) {
    this.#client = client;
  }

  get name(): string {
    return this.#client.name;
  }

  overrides(): Promise<string> {
    return this.#client.overrideSet();
  }

  record(): Promise<Uint8Array | undefined> {
    return this.#client.record();
  }

  async follow(kinds: readonly StateKind[], signal: AbortSignal, take: TakeState): Promise<void> {
    if (kinds.includes("record")) {
      await this.#followAll(kinds, signal, take);
      return;
    }
    for await (const set of this.#client.sets(signal)) {
      await take({ kind: "overrides", text: set ?? (await this.overrides()) });
    }
  }

  async #followAll(
    kinds: readonly StateKind[],
    signal: AbortSignal,
    take: TakeState,
  ): Promise<void> {
    let digest: string | undefined;
    for await (const _ of this.#client.versions(signal)) {
      if (kinds.includes("overrides")) {
        await take({ kind: "overrides", text: await this.overrides() });
      }
      if (!kinds.includes("record")) continue;
      const { record } = await this.#client.environment();
      if (record === null || record.digest === digest) continue;
      const bytes = await this.record();
      if (bytes === undefined) continue;
      ({ digest } = record);
      await take({ kind: "record", bytes });
    }
  }

  report(status: HostStatus): Promise<void> {
    return this.#client.reportHost(status);
  }
}
