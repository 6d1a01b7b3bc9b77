import { expect, test } from "bun:test";
import { join } from "node:path";
import { openSqliteStore } from "../../src/api/db/sqlite_store.ts";
import { Engine } from "../../src/api/engine.ts";
import { WorkerPool } from "../../src/api/workers/pool.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

test("a listener that throws is told of in the log, and stops neither a change nor another listener", async () => {
  const store = await openSqliteStore(join(temporaryFolder(), "log.db"));
  const faults: unknown[] = [];
  const log = { fault: (_: string, error: unknown) => faults.push(error) };
  // No thread starts before a long log is checked.
  const engine = await Engine.start(store, new WorkerPool("none", 0), { now: Date.now, log });
  const fault = new Error("a listener's");
  const heard: number[] = [];
  engine.subscribe(() => {
    throw fault;
  });
  engine.subscribe(({ head }) => heard.push(head.sequence));
  for (const project of ["one", "two"]) {
    await engine.change("server", () => ({ change: { kind: "project.created", project } }));
  }
  expect(heard).toEqual([1, 2]);
  expect(faults).toEqual([fault, fault]);
  await engine.close();
});
