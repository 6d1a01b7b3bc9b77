/** From a switch at the control plane to a program that reads the flag, on the same host through an agent. */

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLive } from "../../src/live/view.ts";
import type { BenchOptions, Bound } from "../support/bound.ts";
import { monotonicNs } from "../support/clock.ts";
import { check, median, quantile } from "../support/measure.ts";
import { SeenFile } from "../support/seen_file.ts";
import { Plane, PLACE, recordFile } from "./servers.ts";

const CLICK_P99_MS_MAX = 20;
const START_MS_MAX = 20_000;
const SEEN_MS_MAX = 20_000;
const FLIPS = 200;
const root = join(import.meta.dir, "..", "..");

/** The floor is the change itself, until it is answered. */
export async function clickBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
  const env = {
    ...process.env,
    HOME: folder,
    IMMUCONFIG_RUNTIME_DIR: join(folder, "runtime"),
    BENCH_FLAG: "FLAG_0",
  };
  writeFileSync(join(folder, "bunfig.lockb"), recordFile());
  await using plane = await Plane.start({ NODE_ENV: "production" });
  // The segment is there before the reader and the agent look for it.
  (await openLive(join(folder, "bunfig.lockb"), { env })).close();
  const seen = new SeenFile(folder);
  const children = [
    Bun.spawn([process.execPath, join(root, "benches/children/live_reader.ts"), folder], {
      env,
      stdio: ["ignore", "inherit", "inherit"],
    }),
    await startAgent(plane, folder, env),
  ];
  try {
    for (const end = performance.now() + START_MS_MAX; !seen.isReady; await Bun.sleep(1)) {
      check(performance.now() < end, "the reader did not start");
    }
    return [await measure(plane, seen, quick ? 3 : FLIPS)];
  } finally {
    for (const child of children) {
      child.kill("SIGKILL");
      await child.exited;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startAgent(
  plane: Plane,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Bun.Subprocess> {
  const { publicKey } = (await (await plane.call("GET", "/v1/online-key")).json()) as {
    publicKey: string;
  };
  const words = ["agent", "--json", "--project", "bench", "--online-key", publicKey];
  return Bun.spawn([process.execPath, join(root, "src/cli/config.ts"), ...words], {
    cwd,
    env: {
      ...env,
      IMMUCONFIG_SERVER: plane.running.url.href,
      IMMUCONFIG_TOKEN: plane.token,
      IMMUCONFIG_ENVIRONMENT: "live",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function measure(plane: Plane, seen: SeenFile, flips: number): Promise<Bound> {
  await plane.call("GET", PLACE);
  const clicks: number[] = [];
  const answers: number[] = [];
  for (let flip = 0; flip < flips + 3; flip++) {
    const before = seen.count;
    const start = monotonicNs();
    await plane.flip("FLAG_0", flip % 2 === 0);
    const answered = monotonicNs();
    for (const end = performance.now() + SEEN_MS_MAX; seen.count === before; await Bun.sleep(0)) {
      check(performance.now() < end, "a switch was not seen");
    }
    // The first ones find an agent that is starting.
    if (flip < 3) continue;
    clicks.push(seen.timeNs - start);
    answers.push(answered - start);
  }
  const subjectNs = quantile(clicks, 0.99);
  return {
    name: "p99 of a switch to a spinning reader / of its answer alone",
    subjectNs,
    floorNs: median(answers),
    value: subjectNs / 1e6,
    max: CLICK_P99_MS_MAX,
    unit: "ms",
  };
}
