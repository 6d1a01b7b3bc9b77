/** The clock and the name of a system's start, which all processes of a host agree about. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { bootId, clockOf, uptimeMs } from "../../src/live/clock.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const CLOCK = join(REPOSITORY, "src", "live", "clock.ts");

test("another process reads the same clock, in whole milliseconds, of the same start", async () => {
  const program = `import { bootId, uptimeMs } from ${JSON.stringify(CLOCK)};
    console.log(JSON.stringify([bootId(), uptimeMs()]));`;
  const before = uptimeMs();
  const { stdout, stderr } = await run([BUN, "-e", program]);
  expect(stderr).toBe("");
  const [boot, uptime] = JSON.parse(stdout) as [string, number];
  expect(before).toBeGreaterThan(0);
  expect(uptime).toBeGreaterThanOrEqual(before);
  expect(uptimeMs()).toBeGreaterThanOrEqual(uptime);
  expect(Number.isInteger(uptime)).toBe(true);
  expect(boot).toBe(bootId());
});

test.skipIf(process.platform !== "linux")(
  "a start of Linux has a name that is never used again",
  () => {
    expect(bootId()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  },
);

test("a clock that is given stands in for the system's", () => {
  expect(clockOf({ now: () => 7 }).now()).toBe(7);
  expect(clockOf({ uptime: () => 8 }).uptime()).toBe(8);
  expect(clockOf({}).uptime()).toBeGreaterThan(0);
});
