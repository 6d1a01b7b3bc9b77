/**
 * Lets `Bun.spawn`, `Bun.spawnSync` and `Worker` hand on the environment as it is now.
 *
 * Bun documents `process.env` as their default, but 1.4.5 takes the environment of the process's
 * start instead, in which the pin is missing (docs/adr/0001-children-inherit-the-pin.md).
 * node:child_process, node:worker_threads and `Bun.$` need no help.
 */

type Options = { env?: unknown } | null | undefined;
type Call = (...args: unknown[]) => unknown;

const PATCHED = Symbol.for("immuconfig.children");

/** Does nothing under Node, and nothing when called again. */
export function handOnEnvironment(): void {
  if (typeof Bun === "undefined" || Object.hasOwn(globalThis, PATCHED)) return;
  Object.defineProperty(globalThis, PATCHED, { value: true });
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
