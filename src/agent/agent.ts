/**
 * A host's end of the control plane: follows an environment, believes only what is signed for it and is
 * not older than what was seen, keeps that, and brings it to the live segment of the host's file.
 */

import { version } from "../../package.json";
import { Backoff } from "../base/backoff.ts";
import { ImmuconfigError, messageOf } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import { hexBytes } from "../format/bytes.ts";
import type { File } from "../format/file.ts";
import { letsSwitch, liveRule } from "../format/live_rule.ts";
import type { AppliedOverrides, WantedOverride } from "../live/writer.ts";
import { stateOn } from "../trust/host_state.ts";
import {
  type OverrideSet,
  readBelievedSet,
  readOverrideSet,
  refusedSet,
} from "../trust/override_set.ts";
import type { KeptSet } from "./kept_set.ts";
import { StatusReports } from "./status_reports.ts";
import type { HostStatus, Transport } from "./transport.ts";

export interface AgentOptions {
  readonly transport: Transport;
  readonly project: string;
  readonly environment: string;
  /** The raw keys that may sign, asked anew for every set: one may have been revoked. */
  readonly keys: () => readonly Uint8Array[];
  readonly kept: Pick<KeptSet, "path" | "read" | "write">;
  /** Switches the flags of the host's programs; `formerly` are those that the last set switched. */
  readonly switchFlags: (
    wanted: readonly WantedOverride[],
    formerly: readonly string[],
  ) => Promise<AppliedOverrides>;
  /** The host's name, for the server. */
  readonly host: string;
  /** What the host's file says now; nothing where it cannot be read. */
  readonly file: () => File | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly report: (event: AgentEvent) => void;
  readonly signal: AbortSignal;
}

export type AgentEvent =
  | {
      readonly kind: "applied";
      readonly sequence: number;
      /** The flags that are overridden now, with their states. */
      readonly overrides: { readonly [flag: string]: boolean };
      /** Flags of the set that this host's record does not know, or does not let be switched. */
      readonly refused: readonly string[];
      /** It is what was kept, and the server was not asked yet. */
      readonly fromDisk: boolean;
    }
  | { readonly kind: "refused" | "offline"; readonly message: string }
  | { readonly kind: "expired"; readonly sequence: number };

/** Milliseconds between two looks that nothing asks for, at most: a transport may lose what it sends. */
const LOOK_MS = 5 * 60 * 1000;
/** Milliseconds that a timer can wait. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** Characters of a problem that the server is told. */
const PROBLEM_LENGTH_MAX = 300;
/** Milliseconds before the first try to reach a server again, and at most. */
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 30_000;

export class Agent {
  readonly #options: AgentOptions;
  #set: OverrideSet | undefined;
  /** What was kept and is believed no more. None older is believed, and the next set ends what it switched. */
  #disbelieved: OverrideSet | undefined;
  #keptText: string | undefined;
  #problem: string | null = null;
  #refused: readonly string[] = [];
  /** When the set took the place of another, by `performance.now`. */
  #since: number | undefined;
  readonly #reports: StatusReports;
  /** The flags are being switched: the next set waits for it. */
  #switching: Promise<AppliedOverrides> | undefined;
  #looks: ReturnType<typeof setTimeout> | undefined;
  /** Looks whether the set has run out; `at` in milliseconds since 1970, that of the set or an earlier one's. */
  #expiry: { readonly at: number; readonly timer: ReturnType<typeof setTimeout> } | undefined;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#reports = new StatusReports(() => options.transport.report(this.#status()));
  }

  /**
   * Runs until the signal. Nothing that the server does or sends ends it.
   *
   * @throws ImmuconfigError what reading the file and writing its segment throws
   */
  async run(): Promise<void> {
    const { transport, signal, report } = this.#options;
    await this.#start();
    this.#lookLater();
    const backoff = new Backoff(RETRY_MS_MIN, RETRY_MS_MAX);
    while (!signal.aborted) {
      try {
        await transport.follow(signal, (text) => {
          backoff.reset();
          return this.#take(text);
        });
      } catch (error) {
        if (!signal.aborted) report({ kind: "offline", message: messageOf(error) });
      }
      if (!signal.aborted) await sleep(backoff.next(), signal);
    }
    clearTimeout(this.#looks);
    await this.#switched();
    clearTimeout(this.#expiry?.timer);
    this.#reports.stop();
  }

  /** What was believed before holds until the server says more. */
  async #start(): Promise<void> {
    const { kept } = this.#options;
    try {
      const text = kept.read();
      if (text !== undefined) await this.#startWith(text);
    } catch (error) {
      this.#refuseKept(error);
    }
  }

  /** Its key may have been revoked since, or the record lets its flags be switched no more. */
  async #startWith(text: string): Promise<void> {
    const kept = readBelievedSet(text);
    try {
      await this.#obey(this.#read(text, undefined), true);
    } catch (error) {
      this.#disbelieved = kept;
      const floor = `, and none below its number ${kept.sequence} is believed`;
      this.#refuseKept(error, floor);
    }
  }

  #refuseKept(error: unknown, floor = ""): void {
    if (!isRefusal(error)) throw error;
    const { kept, report } = this.#options;
    const message = `what was kept in ${kept.path}${floor}: ${error.message}`;
    report({ kind: "refused", message });
  }

  /** The newest set that was ever believed. */
  get #newest(): OverrideSet | undefined {
    return this.#set ?? this.#disbelieved;
  }

  #lookLater(): void {
    const wait = LOOK_MS * (0.5 + Math.random() / 2);
    this.#looks = setTimeout(() => {
      void this.#look();
      this.#lookLater();
    }, wait);
  }

  /** Whatever is heard meanwhile is newer, and does not wait for the answer. */
  async #look(): Promise<void> {
    const before = this.#set;
    try {
      const text = await this.#options.transport.overrides();
      await this.#take(text, () => this.#set === before);
    } catch (error) {
      this.#tellProblem(error);
    }
  }

  /** @param isWanted asked when it is its turn */
  async #take(text: string, isWanted?: () => boolean): Promise<void> {
    const { kept, now } = this.#options;
    while (this.#switching !== undefined) await this.#switched();
    if (isWanted?.() === false) return;
    try {
      const set = this.#read(text, Math.floor(now() / 1000));
      // A crash from here on applies it again, which changes nothing.
      if (text !== this.#keptText) kept.write(text);
      this.#keptText = text;
      this.#problem = null;
      if (set.sequence !== this.#set?.sequence || set.issued !== this.#set.issued) {
        await this.#obey(set, false);
      }
      this.#reports.tell();
    } catch (error) {
      this.#tellProblem(error);
    }
  }

  /** Until nothing is being switched. What became of it is told where it was asked for. */
  async #switched(): Promise<void> {
    try {
      await this.#switching;
    } catch {}
  }

  #tellProblem(error: unknown): void {
    this.#problem = messageOf(error);
    const kind = isRefusal(error) ? "refused" : "offline";
    this.#options.report({ kind, message: this.#problem });
    this.#reports.tell();
  }

  #status(): HostStatus {
    const { host, file } = this.#options;
    return {
      host,
      version,
      generation: file()?.generation ?? null,
      sequence: this.#set?.sequence ?? null,
      heldMs: this.#since === undefined ? null : Math.round(performance.now() - this.#since),
      refused: this.#refused,
      // Words of a server may be of any length.
      problem: this.#problem?.slice(0, PROBLEM_LENGTH_MAX) ?? null,
    };
  }

  #read(text: string, now: number | undefined): OverrideSet {
    const { project, environment, keys } = this.#options;
    const seen = this.#newest?.sequence ?? 0;
    const file = this.#options.file();
    const named = file?.meta.online;
    const believed =
      named === undefined ? keys() : keys().filter((key) => named.includes(hexBytes(key)));
    const set = readOverrideSet(text, { project, environment, keys: believed, seen, now });
    if (file !== undefined) requireLetBy(file, set);
    return set;
  }

  async #obey(set: OverrideSet, fromDisk: boolean): Promise<void> {
    const { switchFlags, host, now, report } = this.#options;
    const formerly = this.#newest?.overrides.map(({ flag }) => flag) ?? [];
    const wanted = wantedOf(set, host, now());
    this.#switching = switchFlags(wanted, formerly);
    try {
      const { applied, refused } = await this.#switching;
      if (this.#set !== undefined && this.#set.sequence !== set.sequence) {
        this.#since = performance.now();
      }
      this.#set = set;
      this.#refused = refused;
      const states = wanted.filter(({ name }) => applied.includes(name));
      const overrides = Object.fromEntries(states.map(({ name, enabled }) => [name, enabled]));
      report({ kind: "applied", sequence: set.sequence, overrides, refused, fromDisk });
      this.#watchExpiry(set);
    } finally {
      this.#switching = undefined;
    }
  }

  /** A set mostly runs out after the one before it, whose look then looks at it, too. */
  #watchExpiry({ expires, sequence }: OverrideSet): void {
    const { now, report } = this.#options;
    const at = expires * 1000;
    if (this.#expiry !== undefined && this.#expiry.at <= at) return;
    clearTimeout(this.#expiry?.timer);
    this.#expiry = undefined;
    const left = at - now();
    if (left <= 0) {
      report({ kind: "expired", sequence });
      return;
    }
    const look = (): void => {
      this.#expiry = undefined;
      if (this.#set !== undefined) this.#watchExpiry(this.#set);
    };
    this.#expiry = { at, timer: setTimeout(look, Math.min(left, TIMER_MS_MAX)) };
  }
}

/**
 * A set that asks for more than the record lets it is obeyed in nothing: whoever made it does not know
 * the record, or does not care.
 */
function requireLetBy(file: File, { overrides }: OverrideSet): void {
  const asked = overrides.flatMap(({ flag, enabled, wave }) => {
    const rest = wave?.rest ?? null;
    return rest === null
      ? [{ flag, enabled }]
      : [
          { flag, enabled },
          { flag, enabled: rest },
        ];
  });
  const over = asked.find(({ flag, enabled }) => !letsSwitch(file, flag, enabled));
  if (over === undefined) return;
  const { flag, enabled } = over;
  const rule =
    liveRule(file, flag) === "none" ? "lets no override touch" : "lets overrides only switch off";
  throw refusedSet(`it switches ${enabled ? "on" : "off"} ${flag}, which the record ${rule}`);
}

/**
 * What the segment of a host is to hold: a set that runs out ends what it switched on, by itself, and leaves off
 * what it switched off.
 */
function wantedOf(set: OverrideSet, host: string, nowMs: number): WantedOverride[] {
  const { overrides, expires } = set;
  return overrides.flatMap((override) => {
    const { flag: name, until } = override;
    const enabled = stateOn(set, override, host);
    if (enabled === null) return [];
    const end = enabled ? Math.min(until ?? expires, expires) : until;
    if (end === null) return [{ name, enabled }];
    const forMs = end * 1000 - nowMs;
    return forMs > 0 ? [{ name, enabled, forMs }] : [];
  });
}

function isRefusal(error: unknown): error is ImmuconfigError {
  return (
    error instanceof ImmuconfigError &&
    (error.code === "ERR_SIGNATURE" || error.code === "ERR_FORMAT")
  );
}
