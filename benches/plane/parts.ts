/** Parts of the control plane inside one process: a connection taken, a token found, a task handed over. */

import { sha256 } from "../../src/base/digest.ts";
import { credentialOf, newToken, SeenTokens } from "../../src/api/auth/tokens.ts";
import { Connections } from "../../src/api/db/connections.ts";
import { EMPTY_STATE, type State, type Token } from "../../src/api/domain/state.ts";
import { createRing, RingReader, RingWriter } from "../../src/api/workers/ring.ts";
import { type BenchOptions, type Bound, nanosecondBound, ratioBound } from "../support/bound.ts";
import { check, compare, timed } from "../support/measure.ts";

const CHECKOUT_NS_MAX = 500;
const CACHED_NS_MAX = 200;
const UNCACHED_RATIO_MAX = 1.2;
const TASK_NS_MAX = 50;
const TASKS = 1000;

export async function partBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const rounds = quick ? 2 : 31;
  const times = quick ? 10 : 20_000;
  return [
    await checkoutBound(rounds, times),
    await cachedBound(rounds, times),
    await uncachedBound(rounds, times),
    await taskBound(rounds, quick ? 2 : 200),
  ];
}

/** The floor is what any `await` costs. */
async function checkoutBound(rounds: number, times: number): Promise<Bound> {
  const kept = { release: () => undefined };
  const pool = new Connections(() => Promise.resolve(kept), 1, 1000);
  pool.give(await pool.take());
  let taken = 0;
  const run = async (take: () => unknown): Promise<number> => {
    const start = Bun.nanoseconds();
    for (let i = 0; i < times; i++) if ((await take()) === kept) taken++;
    return (Bun.nanoseconds() - start) / times;
  };
  const result = await compare(rounds, {
    subject: () =>
      run(() => {
        const connection = pool.takeIdle() ?? pool.take();
        pool.give(kept);
        return connection;
      }),
    floor: () => run(() => kept),
  });
  check(taken > 0 && taken % times === 0, "another connection was taken");
  return nanosecondBound("a connection taken and given back", result, CHECKOUT_NS_MAX);
}

interface Sent {
  readonly state: State;
  /** Of as many requests, each with a token and a text of its own, as they come from the network. */
  readonly headers: readonly Headers[];
}

function send(count: number): Sent {
  const made = Array.from({ length: count }, () => newToken());
  const scope = { project: null, environment: null, expires: null } as const;
  const tokens = made.map(({ id, digest }): [string, Token] => [
    digest,
    { id, name: "bench", role: "reader", digest, created: 0, actor: "server", ...scope },
  ]);
  const headers = made.map(({ secret }) => new Headers({ authorization: `Bearer ${secret}` }));
  return { state: { ...EMPTY_STATE, tokens: new Map(tokens) }, headers };
}

/** As a request is let in. */
function find(tokens: SeenTokens, state: State, headers: Headers): Token {
  const credential = credentialOf(headers) ?? "";
  return tokens.find(state, credential, 1) ?? tokens.check(state, credential, 1);
}

/** The floor is the header, read. */
async function cachedBound(rounds: number, times: number): Promise<Bound> {
  const { state, headers } = send(64);
  const tokens = new SeenTokens();
  let found = 0;
  const result = await compare(rounds, {
    subject: () =>
      timed(() => {
        for (let i = 0; i < times; i++) {
          if (find(tokens, state, headers[i & 63] as Headers) !== undefined) found++;
        }
      }) / times,
    floor: () =>
      timed(() => {
        for (let i = 0; i < times; i++) if (headers[i & 63]?.get("authorization") === "") found++;
      }) / times,
  });
  check(found > 0 && found % times === 0, "a token was not found");
  return nanosecondBound("a token that was seen before", result, CACHED_NS_MAX);
}

/** More of them than are remembered, in turn. The floor hashes the secret, and asks the state for it. */
async function uncachedBound(rounds: number, times: number): Promise<Bound> {
  const { state, headers } = send(6000);
  const tokens = new SeenTokens();
  let found = 0;
  let next = 0;
  const step = (): number => (next = (next + 1) % headers.length);
  const result = await compare(rounds, {
    subject: () =>
      timed(() => {
        for (let i = 0; i < times; i++) {
          if (find(tokens, state, headers[step()] as Headers) !== undefined) found++;
        }
      }) / times,
    floor: () =>
      timed(() => {
        for (let i = 0; i < times; i++) {
          const index = step();
          const secret = headers[index]?.get("authorization")?.slice("Bearer ".length) ?? "";
          if (state.tokens.has(sha256(secret))) found++;
        }
      }) / times,
  });
  check(found > 0 && found % times === 0, "a token was not found");
  return ratioBound("a token that is new / its hash and a look", result, UNCACHED_RATIO_MAX);
}

/** Batches of 1,000, each taken out again, untimed. The floor writes the same numbers into an array. */
async function taskBound(rounds: number, batches: number): Promise<Bound> {
  const shared = createRing(2 ** 16);
  const writer = new RingWriter(shared);
  const reader = new RingReader(shared);
  const payload = new Uint8Array(16).fill(7);
  const bare = new Int32Array(new SharedArrayBuffer(4 * 8 * TASKS));
  let sum = 0;
  const drain = (): void => {
    for (let task = reader.take(0); task !== undefined; task = reader.take(0)) sum += task.id;
  };
  const result = await compare(rounds, {
    subject: () => {
      let total = 0;
      for (let batch = 0; batch < batches; batch++) {
        total += timed(() => {
          for (let i = 0; i < TASKS; i++) writer.put(i, 1, payload);
          writer.publish();
        });
        sum = 0;
        drain();
        check(sum === (TASKS * (TASKS - 1)) / 2, "a task was lost");
      }
      return total / (batches * TASKS);
    },
    floor: () =>
      timed(() => {
        for (let batch = 0; batch < batches; batch++) {
          for (let i = 0; i < TASKS; i++)
            for (let word = 0; word < 8; word++) bare[8 * i + word] = i;
        }
      }) /
      (batches * TASKS),
  });
  return nanosecondBound("a task into the ring, in batches of 1,000", result, TASK_NS_MAX);
}
