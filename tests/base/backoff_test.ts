import { expect, test } from "bun:test";
import { Backoff } from "../../src/base/backoff.ts";

/** The averages of the waits, each of which must lie about its own. */
function expectWaits(backoff: Backoff, averages: readonly number[]): void {
  for (const average of averages) {
    const ms = backoff.next();
    expect(ms).toBeGreaterThanOrEqual(0.5 * average);
    expect(ms).toBeLessThan(1.5 * average);
  }
}

test("a wait doubles up to the longest, and begins anew after a try that worked", () => {
  const backoff = new Backoff(100, 1000);
  expectWaits(backoff, [100, 200, 400, 800, 1000, 1000]);
  backoff.reset();
  expectWaits(backoff, [100, 200]);
});

test("two that begin at once do not wait alike", () => {
  const waits = Array.from({ length: 20 }, () => new Backoff(100, 1000).next());
  expect(new Set(waits).size).toBeGreaterThan(1);
});
