/**
 * A relay's end of the control plane: an agent without flags. What it believes, by the agent's own checks, it
 * keeps and hands on as it came; nothing else ever leaves it.
 */

import { Agent, type AgentEvent } from "../../agent/agent.ts";
import type { KeptSet } from "../../agent/kept_set.ts";
import type { Transport } from "../../agent/transport.ts";
import { readBelievedSet } from "../../trust/override_set.ts";

export interface RelayOptions {
  readonly transport: Transport;
  readonly project: string;
  readonly environment: string;
  /** The raw keys that may sign. */
  readonly keys: readonly Uint8Array[];
  readonly kept: Pick<KeptSet, "path" | "read" | "write">;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Gets each set that is handed on. */
  readonly handOn: (set: HandedSet) => void;
  readonly report: (event: RelayEvent) => void;
  readonly signal: AbortSignal;
}

export interface HandedSet {
  readonly sequence: number;
  /** As it was signed. */
  readonly text: string;
}

export type RelayEvent =
  | { readonly kind: "set"; readonly sequence: number; readonly fromDisk: boolean }
  | Exclude<AgentEvent, { readonly kind: "applied" }>;

export class Relay {
  readonly #options: RelayOptions;
  /** What was read or kept last, which the agent may not have believed yet. */
  #candidate = "";
  #set: HandedSet | undefined;
  /** When the other end last had what could be believed, milliseconds since 1970. */
  #heard = 0;
  #problem: string | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** What is handed on; nothing before the first. */
  get set(): HandedSet | undefined {
    return this.#set;
  }

  /** Seconds since the other end last said that this is the newest; nothing without a set. */
  get age(): number | undefined {
    if (this.#set === undefined) return undefined;
    return Math.max(0, Math.floor((this.#options.now() - this.#heard) / 1000));
  }

  /** Why what is handed on may not be the newest, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  /**
   * Runs until the signal. What was kept is handed on before anybody is asked.
   *
   * @throws ImmuconfigError `ERR_READ` for what was kept
   */
  async run(): Promise<void> {
    const { project, environment, keys, kept, now, signal } = this.#options;
    const agent = new Agent({
      transport: this.#noted(),
      project,
      environment,
      keys: () => keys,
      kept: {
        path: kept.path,
        read: () => (this.#candidate = kept.read() ?? "") || undefined,
        write: (text) => {
          kept.write(text);
          this.#candidate = text;
        },
      },
      switchFlags: (wanted) =>
        Promise.resolve({ applied: wanted.map(({ name }) => name), refused: [] }),
      host: "",
      file: () => undefined,
      now,
      report: (event) => this.#take(event),
      signal,
    });
    await agent.run();
  }

  /** The transport, of which it is noted when the other end says again what is handed on. */
  #noted(): Transport {
    const { transport } = this.#options;
    const note = (text: string): string => {
      if (text === this.#set?.text) this.#confirm();
      return text;
    };
    return {
      name: transport.name,
      overrides: async () => note(await transport.overrides()),
      follow: (signal, take) => transport.follow(signal, (text) => take(note(text))),
      // It is no host.
      report: () => Promise.resolve(),
    };
  }

  #confirm(): void {
    this.#heard = this.#options.now();
    this.#problem = null;
  }

  #take(event: AgentEvent): void {
    const { handOn, report } = this.#options;
    if (event.kind !== "applied") {
      if (event.kind !== "expired") this.#problem = event.message;
      report(event);
      return;
    }
    const { sequence, fromDisk } = event;
    const text = this.#candidate;
    this.#set = { sequence, text };
    // Whoever made what was kept knew then that it was the newest.
    if (fromDisk) this.#heard = readBelievedSet(text).issued * 1000;
    else this.#confirm();
    handOn(this.#set);
    report({ kind: "set", sequence, fromDisk });
  }
}
