/** What the children of this process inherit: its environment, with the pin in it. */

import { processState } from "./process_state.ts";

/** The environment variable of the pin (docs/format.md, "Spawn pin"; pin.ts reads its value). */
export const PIN_VARIABLE = "IMMUCONFIG_PIN";

/** The value that switches pins off: none is obeyed and none is handed on. */
export const PIN_OFF = "off";

/** The variable beside it that says which process set each of its entries (setter.ts). */
export const SETTER_VARIABLE = "IMMUCONFIG_PIN_SETTERS";

/** What a process hands to its children. */
export interface ChildPin {
  /** `IMMUCONFIG_PIN`. */
  readonly text: string;
  /** `IMMUCONFIG_PIN_SETTERS`. */
  readonly setters: string;
}

type Options = { env?: unknown } | null | undefined;
type Call = (...args: unknown[]) => unknown;

/**
 * Sets both variables for the children of this process, and lets `Bun.spawn`, `Bun.spawnSync` and `Worker`
 * hand on the environment as it is now. Bun documents `process.env` as their default, but 1.4.5 takes the
 * environment of the process's start instead, in which the pin is missing
 * (docs/adr/0001-children-inherit-the-pin.md). node:child_process, node:worker_threads and `Bun.$` need no
 * help.
 *
 * One function, because each that runs for the first time slows the start down.
 */
export function handOnPin({ text, setters }: ChildPin): void {
  const { env } = process;
  const state = processState();
  const { [PIN_VARIABLE]: before, [SETTER_VARIABLE]: settersBefore } = env;
  state.inheritedPin ??= { [PIN_VARIABLE]: before, [SETTER_VARIABLE]: settersBefore };
  state.ownPin = { text, setters };
  env[PIN_VARIABLE] = text;
  env[SETTER_VARIABLE] = setters;
  if (typeof Bun === "undefined" || state.handsOnEnvironment === true) return;
  state.handsOnEnvironment = true;
  const bun = Bun as unknown as Record<"spawn" | "spawnSync", Call>;
  bun.spawn = new Proxy(bun.spawn, SPAWN);
  bun.spawnSync = new Proxy(bun.spawnSync, SPAWN);
  globalThis.Worker = new Proxy(globalThis.Worker, {
    construct(target, [url, options]: [string, Options], newTarget): object {
      return Reflect.construct(target, [url, addEnvironment(options)], newTarget) as object;
    },
  });
}

/** For calls of the forms `(command, options)` and `({cmd, ...options})`. */
const SPAWN: ProxyHandler<Call> = {
  apply(target, receiver, args: [unknown, Options]): unknown {
    const [first, options] = args;
    const rewritten = Array.isArray(first)
      ? [first, addEnvironment(options)]
      : [addEnvironment(first as Options)];
    return Reflect.apply(target, receiver, rewritten);
  },
};

function addEnvironment(options: Options): Options {
  const given = typeof options === "object" || options === undefined;
  if (!given || (options?.env !== undefined && options.env !== null)) return options;
  return { ...options, env: process.env };
}
