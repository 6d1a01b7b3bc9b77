/** Which sets an agent takes when, by a transport that the test is. */

import { afterEach, beforeEach, expect, jest, spyOn, test } from "bun:test";
import { Agent, type AgentEvent } from "../../src/agent/agent.ts";
import type { TakeSet } from "../../src/agent/transport.ts";
import { HOSTILE_KEY, sign } from "./hostile_server.ts";

/** More than the time until an agent looks by itself. */
const LOOK_MS = 5 * 60 * 1000;
const NOW_MS = Date.now();
const NOW = Math.floor(NOW_MS / 1000);

beforeEach(() => jest.useFakeTimers({ now: NOW_MS }));
afterEach(() => jest.useRealTimers());

/** An agent of no disk, its events in words, and what brings it a set. */
function startAgent(overrides: () => Promise<string> = () => Promise.reject(new Error("no look"))) {
  const events: string[] = [];
  let heard = Promise.withResolvers<void>();
  const stop = new AbortController();
  const taker = Promise.withResolvers<TakeSet>();
  const agent = new Agent({
    transport: {
      name: "a test",
      overrides,
      report: () => Promise.resolve(),
      follow(signal, take) {
        taker.resolve(take);
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    },
    project: "shop",
    environment: "live",
    keys: () => [Uint8Array.fromHex(HOSTILE_KEY)],
    kept: { path: "memory", read: () => undefined, write: () => undefined },
    switchFlags: (wanted) =>
      Promise.resolve({ applied: wanted.map(({ name }) => name), refused: [] }),
    host: "host",
    file: () => undefined,
    now: Date.now,
    report(event) {
      events.push(wordsOf(event));
      heard.resolve();
      heard = Promise.withResolvers();
    },
    signal: stop.signal,
  });
  const running = agent.run();
  return {
    events,
    bring: async (text: string): Promise<void> => {
      const take = await taker.promise;
      await take(text);
    },
    told: async (words: string): Promise<void> => {
      while (!events.includes(words)) await heard.promise;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort();
      await running;
    },
  };
}

function wordsOf(event: AgentEvent): string {
  return "sequence" in event ? `${event.kind} ${event.sequence}` : `${event.kind} ${event.message}`;
}

test("a look that nobody answers holds no set back, and what it finds late is no fault", async () => {
  const answer = Promise.withResolvers<string>();
  let looks = 0;
  await using agent = startAgent(() => {
    looks++;
    return answer.promise;
  });
  const old = await sign({ sequence: 5 });
  await agent.bring(old);
  jest.advanceTimersByTime(LOOK_MS);
  expect(looks).toBeGreaterThan(0);
  await agent.bring(await sign({ sequence: 6 }));
  expect(agent.events).toEqual(["applied 5", "applied 6"]);

  answer.resolve(old);
  await agent.bring(await sign({ sequence: 7 }));
  expect(agent.events).toEqual(["applied 5", "applied 6", "applied 7"]);
});

test("what a look finds is taken, and that nobody answers is told", async () => {
  const found = await sign({ sequence: 6 });
  let looks = 0;
  await using agent = startAgent(() =>
    looks++ === 0 ? Promise.resolve(found) : Promise.reject(new Error("nobody is there")),
  );
  await agent.bring(await sign({ sequence: 5 }));
  jest.advanceTimersByTime(LOOK_MS);
  await agent.told("applied 6");
  jest.advanceTimersByTime(LOOK_MS);
  await agent.told("offline nobody is there");
});

test("it is told that a set has run out when the last one has, and once", async () => {
  await using agent = startAgent();
  const bring = async (sequence: number, seconds: number): Promise<void> =>
    agent.bring(await sign({ sequence, issued: NOW, expires: NOW + seconds }));
  await bring(5, 10);
  await bring(6, 60);
  jest.advanceTimersByTime(30_000);
  expect(agent.events).toEqual(["applied 5", "applied 6"]);
  await bring(7, 40);
  jest.advanceTimersByTime(20_000);
  expect(agent.events.slice(2)).toEqual(["applied 7", "expired 7"]);
  jest.advanceTimersByTime(30_000);
  expect(agent.events).toHaveLength(4);
});

test("a set may end later than a timer can wait", async () => {
  await using agent = startAgent();
  using timers = spyOn(globalThis, "setTimeout");
  const day = 24 * 60 * 60;
  await agent.bring(await sign({ issued: NOW, expires: NOW + 30 * day }));
  // What waits longer comes at once.
  const waits = timers.mock.calls.map(([, ms]) => ms ?? 0);
  expect(Math.max(...waits)).toBe(2 ** 31 - 1);
  for (let days = 0; days < 29; days++) jest.advanceTimersByTime(day * 1000);
  const told = (): string[] => agent.events.filter((event) => event.startsWith("expired"));
  expect(told()).toEqual([]);
  jest.advanceTimersByTime(2 * day * 1000);
  expect(told()).toEqual(["expired 5"]);
});
