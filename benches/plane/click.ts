/** From a switch at the control plane to a program that reads the flag, on the same host through an agent. */

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLive } from "../../src/live/view.ts";
import type { BenchOptions, Bound } from "../support/bound.ts";
import { monotonicNs } from "../support/clock.ts";
import { check, quantile } from "../support/measure.ts";
import { SeenFile } from "../support/seen_file.ts";
import { Plane, PLACE, recordFile, start as startProgram } from "./servers.ts";

const CLICK_P99_MS_MAX = 20;
const START_MS_MAX = 20_000;
const SEEN_MS_MAX = 20_000;
const FLIPS = 200;
const BARE = "benches/children/bare_click.ts";
const root = join(import.meta.dir, "..", "..");

/**
 * The floor goes the same way through processes that do nothing else (benches/children/bare_click.ts), in turn with
 * the subject and to the same reader: a request, a write to the disk, a message, a write to the disk, a write to memory.
 */
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
  const bare = new SeenFile(folder, "bare");
  await using bareServer = await startProgram([BARE, "server", folder], /at /);
  const children = [
    Bun.spawn([process.execPath, join(root, "benches/children/live_reader.ts"), folder], {
      env,
      stdio: ["ignore", "inherit", "inherit"],
    }),
    await startAgent(plane, folder, env),
    Bun.spawn([process.execPath, join(root, BARE), "host", folder, bareServer.url.href], {
      stdio: ["ignore", "inherit", "inherit"],
    }),
  ];
  try {
    for (const end = performance.now() + START_MS_MAX; !seen.isReady; await Bun.sleep(1)) {
      check(performance.now() < end, "the reader did not start");
    }
    const bareFlip = async (): Promise<void> => {
      const answer = await fetch(bareServer.url, {
        method: "PUT",
        body: "a flag",
        headers: plane.headers,
      });
      check(answer.ok, `a bare server answered ${answer.status}`);
    };
    const flips = quick ? 3 : FLIPS;
    return [await measure(plane, seen, { flip: bareFlip, seen: bare }, flips)];
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

interface Floor {
  readonly flip: () => Promise<void>;
  readonly seen: SeenFile;
}

async function measure(plane: Plane, seen: SeenFile, floor: Floor, flips: number): Promise<Bound> {
  await plane.call("GET", PLACE);
  const clicks: number[] = [];
  const floors: number[] = [];
  for (let flip = 0; flip < flips + 3; flip++) {
    const click = await until(seen, () => plane.flip("FLAG_0", flip % 2 === 0));
    const bare = await until(floor.seen, floor.flip);
    // The first ones find an agent that is starting.
    if (flip < 3) continue;
    clicks.push(click);
    floors.push(bare);
  }
  const subjectNs = quantile(clicks, 0.99);
  return {
    name: "p99 of a switch to a spinning reader / through bare processes",
    subjectNs,
    floorNs: quantile(floors, 0.99),
    value: subjectNs / 1e6,
    max: CLICK_P99_MS_MAX,
    unit: "ms",
  };
}

/** Nanoseconds until the reader has seen what is done; by its own clock. */
async function until(seen: SeenFile, act: () => Promise<void>): Promise<number> {
  const before = seen.count;
  const start = monotonicNs();
  await act();
  // Who clicks waits: a second process that spins would take a core from those that have work.
  for (const end = performance.now() + SEEN_MS_MAX; seen.count === before; await Bun.sleep(1)) {
    check(performance.now() < end, "a switch was not seen");
  }
  return seen.timeNs - start;
}
