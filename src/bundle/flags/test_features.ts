/**
 * Flags that a test can turn, where a build would have literals: `bun:bundle` is a module then, which asks
 * here. Nothing of it is in a build.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { ImmuconfigError } from "../../base/errors.ts";
import { noSuchFlag } from "../../format/flags.ts";
import { type BuildFlags, isEnabled, usableFlags } from "./build_flags.ts";

export type TestFeatures = Readonly<Record<string, boolean>>;

/** What all copies of the modules in a process share. */
interface Shared {
  /** Of the record, by name; nothing as long as no module has asked for a flag. */
  states?: TestFeatures;
  overrides: () => TestFeatures | undefined;
}

const KEY = Symbol.for("immuconfig.testing");

function shared(): Shared {
  const all = globalThis as { [KEY]?: Shared };
  return (all[KEY] ??= { overrides: () => undefined });
}

/** The module `bun:bundle` of a test, as text: for a process that has nothing else of ours. */
export function testFeaturesModule(flags: BuildFlags): string {
  const states = JSON.stringify(Object.entries(statesOf(flags)));
  return `const shared = (globalThis[Symbol.for("immuconfig.testing")] ??= { overrides: () => undefined });
const states = Object.assign(Object.create(null), Object.fromEntries(${states}));
shared.states = states;
export function feature(name) {
  const state = shared.overrides()?.[name] ?? states[name];
  if (state === undefined) throw new TypeError("there is no flag " + JSON.stringify(name));
  return state;
}
`;
}

/** The same as a module's exports. */
export function testFeatures(flags: BuildFlags): { readonly feature: (name: string) => boolean } {
  const states = statesOf(flags);
  shared().states = states;
  return {
    feature(name) {
      const state = shared().overrides()?.[name] ?? states[name];
      if (state === undefined) throw missing(name, states);
      return state;
    },
  };
}

const overrides = new AsyncLocalStorage<TestFeatures>();
/** Those that are running, the last behind: a module that is loaded meanwhile has no store. */
const running: TestFeatures[] = [];

/** Runs a function with some flags set otherwise, until it ends or its promise is settled. */
export function runWithFeatures<Result>(features: TestFeatures, act: () => Result): Result {
  const before = shared().overrides();
  shared().overrides = () => overrides.getStore() ?? running.at(-1);
  checkNames(features);
  const own: TestFeatures = Object.assign(Object.create(null), before, features);
  running.push(own);
  const end = (): void => void running.splice(running.lastIndexOf(own), 1);
  let result: Result;
  try {
    result = overrides.run(own, act);
  } catch (error) {
    end();
    checkAsked(error);
    throw error;
  }
  if (!(result instanceof Promise)) {
    end();
    checkReached(features);
    return result;
  }
  const settled = result.finally(end).then(
    (value: unknown) => {
      checkReached(features);
      return value;
    },
    (error: unknown) => {
      checkAsked(error);
      throw error;
    },
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a promise for a promise's result
  return settled as Result;
}

function checkReached(features: TestFeatures): void {
  checkAsked();
  checkNames(features);
}

/**
 * A test that turned a flag and reached nobody would say what is not so; where it failed, that is why.
 *
 * @param cause what the test threw
 */
function checkAsked(cause?: unknown): void {
  if (shared().states !== undefined) return;
  throw new ImmuconfigError(
    "ERR_VALUE",
    `no module of this test asks for flags while it runs: ${TO_DO}`,
    {
      cause,
    },
  );
}

/** In the message: of what a test throws at once, `bun test` prints no hint. */
const TO_DO =
  'for Vitest add plugins: [immuconfig()] of "immuconfig/vite", for bun test add "immuconfig/testing" to preload under [test] in bunfig.toml';

function checkNames(features: TestFeatures): void {
  const { states } = shared();
  if (states === undefined) return;
  for (const name of Object.keys(features)) {
    if (states[name] === undefined) throw missing(name, states);
  }
}

function missing(name: string, states: TestFeatures): ImmuconfigError {
  return noSuchFlag(name, Object.keys(states));
}

function statesOf(flags: BuildFlags): TestFeatures {
  const entries = usableFlags(flags).map((name) => [name, isEnabled(flags, name)]);
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}
