/**
 * `immuconfig/openfeature`: the record's flags for the OpenFeature SDKs, inside the process. The SDKs are
 * the caller's; nothing of them is loaded here.
 */

import type { StopSignal } from "../base/stop_signal.ts";
import { EventEmitter } from "./event_emitter.ts";

/** `config` of `immuconfig`, or `live` of `immuconfig/live`. */
export interface FlagSource {
  readonly features: Readonly<{ [name: string]: boolean }>;
  /** Of a live view: what has changed, as it changes. */
  changes?(options: { readonly signal: StopSignal }): AsyncIterable<{
    /** The names of the flags that have flipped. */
    readonly flipped: readonly string[];
  }>;
}

/** How an SDK gets a value. */
export interface Resolution<Value> {
  readonly value: Value;
  readonly variant?: string;
  readonly reason: string;
  readonly errorCode?: any; // oxlint-disable-line typescript/no-explicit-any -- an enum of the SDK, which is not loaded here
  readonly errorMessage?: string;
}

const METADATA = { name: "immuconfig" } as const;
const CONFIGURATION_CHANGED = "PROVIDER_CONFIGURATION_CHANGED";

/**
 * A provider for `@openfeature/server-sdk`.
 *
 * @example
 * import { OpenFeature } from "@openfeature/server-sdk";
 * import { live } from "immuconfig/live";
 * import { serverProvider } from "immuconfig/openfeature";
 * await OpenFeature.setProviderAndWait(serverProvider(live));
 */
export function serverProvider(source: FlagSource): Provider<"server"> {
  return createProvider(source, "server");
}

/**
 * A provider for `@openfeature/web-sdk`: in a build, `config` is what was built.
 *
 * @example
 * import { OpenFeature } from "@openfeature/web-sdk";
 * import { config } from "immuconfig";
 * import { webProvider } from "immuconfig/openfeature";
 * await OpenFeature.setProviderAndWait(webProvider(config));
 */
export function webProvider(source: FlagSource): Provider<"client"> {
  return createProvider(source, "client");
}

/** The SDK for servers waits for an answer, the one for browsers does not. */
type Answer<Side, Value> = Side extends "server" ? Promise<Resolution<Value>> : Resolution<Value>;

/** What an SDK asks of a provider. A flag of the record is a boolean and nothing else. */
export interface Provider<Side extends "server" | "client"> {
  readonly metadata: typeof METADATA;
  readonly runsOn: Side;
  readonly events: EventEmitter;
  initialize(): Promise<void>;
  onClose(): Promise<void>;
  resolveBooleanEvaluation(name: string, fallback: boolean): Answer<Side, boolean>;
  resolveStringEvaluation(name: string, fallback: string): Answer<Side, string>;
  resolveNumberEvaluation(name: string, fallback: number): Answer<Side, number>;
  resolveObjectEvaluation<Value>(name: string, fallback: Value): Answer<Side, Value>;
}

function createProvider<Side extends "server" | "client">(
  source: FlagSource,
  runsOn: Side,
): Provider<Side> {
  const events = new EventEmitter();
  let stop = new AbortController();
  const wrap = <Value>(resolution: Resolution<Value>): Answer<Side, Value> =>
    (runsOn === "server" ? Promise.resolve(resolution) : resolution) as Answer<Side, Value>;
  const other = <Value>(name: string, fallback: Value): Answer<Side, Value> =>
    wrap(mismatch(source, name, fallback));
  return {
    metadata: METADATA,
    runsOn,
    events,
    initialize() {
      // An SDK that has closed it may take it again.
      stop.abort();
      stop = new AbortController();
      void follow(source, stop.signal, events);
      return Promise.resolve();
    },
    onClose() {
      stop.abort();
      return Promise.resolve();
    },
    resolveBooleanEvaluation: (name, fallback) => wrap(resolve(source, name, fallback)),
    resolveStringEvaluation: other,
    resolveNumberEvaluation: other,
    resolveObjectEvaluation: other,
  };
}

async function follow(source: FlagSource, signal: StopSignal, events: EventEmitter): Promise<void> {
  for await (const { flipped } of source.changes?.({ signal }) ?? []) {
    events.emit(CONFIGURATION_CHANGED, { flagsChanged: [...flipped] });
  }
}

function resolve({ features }: FlagSource, name: string, fallback: boolean): Resolution<boolean> {
  // A name of Object's own, such as `constructor`, is no flag.
  const value = Object.hasOwn(features, name) ? features[name] : undefined;
  if (value === undefined) return notFound(name, fallback);
  return { value, variant: value ? "on" : "off", reason: "STATIC" };
}

function mismatch<Value>(
  { features }: FlagSource,
  name: string,
  fallback: Value,
): Resolution<Value> {
  if (!Object.hasOwn(features, name)) return notFound(name, fallback);
  return failure(fallback, "TYPE_MISMATCH", `flag ${name} is a boolean`);
}

function notFound<Value>(name: string, fallback: Value): Resolution<Value> {
  return failure(fallback, "FLAG_NOT_FOUND", `the record defines no flag ${name}`);
}

function failure<Value>(value: Value, errorCode: string, errorMessage: string): Resolution<Value> {
  return { value, reason: "ERROR", errorCode, errorMessage };
}
