/** The connections that a server keeps: taken, waited for, given back, and lost. */

import { expect, test } from "bun:test";
import { Connections } from "../../src/api/db/connections.ts";
import { rejectionOf } from "../support/errors.ts";

interface Kept {
  readonly id: number;
  release(): void;
}

function make(max: number, waitMs = 1000) {
  const released: number[] = [];
  const state = { opened: 0, fails: false };
  const open = (): Promise<Kept> => {
    if (state.fails) return Promise.reject(new Error("the database is gone"));
    const id = ++state.opened;
    return Promise.resolve({ id, release: () => released.push(id) });
  };
  return { pool: new Connections(open, max, waitMs), released, state };
}

test("opens no more than it may, and gives the next free one to who has waited longest", async () => {
  const { pool, state } = make(2);
  const [a, b] = [await pool.take(), await pool.take()];
  const first = pool.take();
  const second = pool.take();
  pool.give(b);
  pool.give(a);
  expect([(await first).id, (await second).id, state.opened]).toEqual([2, 1, 2]);
  expect(pool.takeIdle()).toBeUndefined();
});

test("waits no longer than it may", async () => {
  const { pool } = make(1, 20);
  const taken = await pool.take();
  expect(pool.take()).rejects.toThrow("no connection was free within 20 ms");
  await Bun.sleep(40);
  pool.give(taken);
  expect((await pool.take()).id).toBe(1);
});

test("one that failed goes with those that are free, and makes room", async () => {
  const { pool, released, state } = make(2);
  const [a, b] = [await pool.take(), await pool.take()];
  pool.give(b);
  pool.drop(a);
  expect(new Set(released)).toEqual(new Set([1, 2]));
  expect([(await pool.take()).id, (await pool.take()).id, state.opened]).toEqual([3, 4, 4]);
});

test("who waits is served by a new one when the one that was taken is lost, or told why not", async () => {
  const { pool, state } = make(1);
  const taken = await pool.take();
  const waits = pool.take();
  pool.drop(taken);
  const next = await waits;
  expect(next.id).toBe(2);
  const fails = pool.take();
  state.fails = true;
  pool.drop(next);
  expect(fails).rejects.toThrow("the database is gone");
  state.fails = false;
  expect((await pool.take()).id).toBe(3);
});

test("what is opened for somebody who has waited too long goes to the next, or is kept", async () => {
  let opened = 0;
  const gate = Promise.withResolvers<void>();
  const open = async (): Promise<Kept> => {
    const id = ++opened;
    if (id > 1) await gate.promise;
    return { id, release: () => undefined };
  };
  const pool = new Connections(open, 1, 600);
  const taken = await pool.take();
  const first = pool.take();
  await Bun.sleep(300);
  const second = pool.take();
  pool.drop(taken);
  expect(await rejectionOf(first)).toMatchObject({ message: expect.stringContaining("600 ms") });
  gate.resolve();
  pool.give(await second);
  expect(pool.takeIdle()?.id).toBe(2);
});
