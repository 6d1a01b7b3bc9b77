/** What bounds the builds of a ledger, and the runs that somebody has asked for. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { pushedFile } from "../../src/api/ledgers/folders.ts";
import { Ledgers } from "../../src/api/ledgers/ledgers.ts";
import { buildApart, unpackSources } from "../../src/api/ledgers/sandbox.ts";
import { Runs } from "../../src/api/runs.ts";
import { WorkerPool } from "../../src/api/workers/pool.ts";
import { threadFile } from "../../src/base/thread_file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { sourcesOf } from "./ledger_sources.ts";

setDefaultTimeout(90_000);
const temporaryFolder = useTemporaryFolders();

test("a build that takes too long, or too much memory, is ended and says so", () => {
  const place = temporaryFolder();
  writeFileSync(pushedFile(place), sourcesOf({ "a.ts": "console.log(1);" }));
  unpackSources(place);
  const flags = { file: "", record: "", generation: 1, frozen: false, overridden: [] };
  const text = JSON.stringify({ ...flags, byName: [], constants: [] });
  const enough = { ms: 60_000, cpuS: 60, memoryKib: 2 ** 21 };
  expect(JSON.parse(buildApart(place, text, enough)).modules).toEqual([["a.ts", 16]]);
  expect(() => buildApart(place, text, { ...enough, ms: 1 })).toThrow(
    "took more than 0.001 s, and was ended",
  );
  // Only Linux counts what a process has mapped.
  if (process.platform !== "linux") return;
  expect(() => buildApart(place, text, { ...enough, memoryKib: 4000 })).toThrow(
    "took too much, and was ended",
  );
});

test("builds of a ledger that take too long together are ended, and make room for others", async () => {
  const pool = new WorkerPool(threadFile("api/workers/worker"), 1);
  try {
    const ledgers = new Ledgers(temporaryFolder(), pool, 1);
    const place = { project: "shop", environment: "live" };
    const bytes = sourcesOf({ "a.ts": "console.log(1);" });
    const { ledger } = ledgers.start(place, {
      bytes,
      file: PLAIN_FILE,
      keep: () => Promise.reject(new Error("it was kept")),
    });
    await until(() => ledgers.find(place, ledger).state !== "running");
    expect(ledgers.find(place, ledger)).toMatchObject({
      state: "failed",
      problem: "the builds of this ledger took more than 0.001 s, and were ended",
    });
  } finally {
    pool.close();
  }
});

test("no more go on at once than may, and the oldest is forgotten for a new one", async () => {
  const runs = new Runs<{ readonly built: number }>("run", 2);
  const { promise, resolve } = Promise.withResolvers<void>();
  for (const id of ["a", "b"])
    runs.start(
      id,
      () => promise,
      () => ({ built: 7 }),
    );
  expect(() =>
    runs.start(
      "c",
      () => promise,
      () => ({ built: 7 }),
    ),
  ).toThrow(expect.objectContaining({ problem: "too-many-requests", retryAfter: 5 }));
  expect(runs.find("a")).toEqual({ state: "running", built: 7, problem: null });
  resolve();
  await runs.stop();
  expect(runs.find("b").state).toBe("done");
  for (let index = 0; index < 64; index++) {
    runs.start(
      String(index),
      async () => {
        throw new Error("not today");
      },
      () => ({ built: 0 }),
    );
    while (runs.find(String(index)).state === "running") await Bun.sleep(1);
  }
  expect(runs.find("63")).toMatchObject({ state: "failed", problem: "not today" });
  expect(() => runs.find("b")).toThrow("there is no such run");
});

test("however many come and end, what goes on is not ended for them", async () => {
  const runs = new Runs<object>("run", 2);
  const { promise, resolve } = Promise.withResolvers<void>();
  let isEnded = false;
  runs.start(
    "somebody's",
    (signal) => {
      signal.addEventListener("abort", () => (isEnded = true));
      return promise;
    },
    () => ({}),
  );
  for (let index = 0; index < 100; index++) {
    runs.start(
      String(index),
      () => Promise.resolve(),
      () => ({}),
    );
    while (runs.find(String(index)).state === "running") await Bun.sleep(1);
  }
  expect(runs.find("somebody's").state).toBe("running");
  expect(() => runs.find("0")).toThrow("there is no such run");
  expect(isEnded).toBe(false);
  resolve();
  await runs.stop();
});
