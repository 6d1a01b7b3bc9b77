/** The ring, its threads, and the audit log checked by them. */

import { Database } from "bun:sqlite";
import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type AuditRow, EMPTY_CHAIN, nextRow } from "../../src/api/domain/audit_chain.ts";
import { ChainCheck } from "../../src/api/workers/chain_check.ts";
import { WorkerPool } from "../../src/api/workers/pool.ts";
import { createRing, RingReader, RingWriter } from "../../src/api/workers/ring.ts";
import { Random } from "../support/random.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { Plane } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const WORKER = join(import.meta.dir, "children", "task_worker.ts");
const CHAIN_WORKER = join(import.meta.dir, "..", "..", "src", "api", "workers", "worker.ts");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const pools: WorkerPool[] = [];
function startPool(count = 2, file = WORKER): WorkerPool {
  const pool = new WorkerPool(file, count);
  pools.push(pool);
  return pool;
}
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

/** A row a project, long enough that it goes to the threads. */
function chainOf(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let index = 0; index < length; index++) {
    const change = { kind: "project.created", project: `p${index}` } as const;
    rows.push(nextRow(rows.at(-1) ?? EMPTY_CHAIN, "token:a", change, 1000 + index));
  }
  return rows;
}

async function check(list: readonly AuditRow[]): Promise<number> {
  const one = new ChainCheck(startPool(2, CHAIN_WORKER));
  for (let index = 0; index < list.length; index += 700) {
    await one.add(list[index - 1] ?? EMPTY_CHAIN, list.slice(index, index + 700));
  }
  await one.finish();
  return one.checked;
}

describe("a ring", () => {
  test("gives back what was put, in order, over many rounds of its memory", () => {
    const shared = createRing(1024);
    const writer = new RingWriter(shared);
    const reader = new RingReader(shared);
    const random = new Random(1);
    const sent: { id: number; kind: number; payload: Uint8Array }[] = [];
    let taken = 0;
    for (let id = 0; id < 20_000;) {
      const payload = random.bytes(random.below(writer.payloadMax));
      if (random.below(3) > 0 && writer.put(id, id % 7, payload)) {
        sent.push({ id, kind: id++ % 7, payload });
        continue;
      }
      writer.publish();
      for (let task = reader.take(0); task !== undefined; task = reader.take(0)) {
        const { id: number, kind, payload: got } = task;
        expect({ id: number, kind, payload: new Uint8Array(got) }).toEqual(sent[taken++] as never);
      }
      expect(taken).toBe(sent.length);
    }
  });

  test("refuses what has no room, and shows nothing that was not published", () => {
    const shared = createRing(256);
    const writer = new RingWriter(shared);
    const reader = new RingReader(shared);
    let put = 0;
    while (writer.put(put, 1, new Uint8Array(20))) put++;
    expect(put).toBe(8);
    expect(reader.take(0)).toBeUndefined();
    writer.publish();
    expect(reader.take(0)?.id).toBe(0);
    expect(writer.put(put, 1, new Uint8Array(20))).toBe(false);
    // The first one's room is free when the second one is taken.
    expect(reader.take(0)?.id).toBe(1);
    expect(writer.put(put, 1, new Uint8Array(20))).toBe(true);
    expect(() => writer.put(1, 1, new Uint8Array(200))).toThrow(RangeError);
  });
});

describe("a pool", () => {
  test("does every task, and tells which one failed", async () => {
    const pool = startPool();
    const file = join(temporaryFolder(), "notes");
    const results = await Promise.allSettled(
      Array.from({ length: 500 }, (_, index) =>
        pool.run(1, bytes(index === 250 ? "fail" : `note ${file}`)),
      ),
    );
    expect(results.filter(({ status }) => status === "rejected")).toMatchObject([
      { reason: { message: "it failed" } },
    ]);
    expect(readFileSync(file, "utf8")).toHaveLength(499);
    expect(pool.size).toBe(0);
  });

  test("a thread that dies loses none of its tasks", async () => {
    const pool = startPool();
    const folder = temporaryFolder();
    const notes = join(folder, "notes");
    const tasks = Array.from({ length: 300 }, (_, index) =>
      pool.run(1, bytes(index % 50 === 25 ? `die once ${folder}/${index}` : `note ${notes}`)),
    );
    await Promise.all(tasks);
    // Each thread that died had taken its tasks in order: those before the fatal one were answered.
    expect(readFileSync(notes, "utf8").length).toBeGreaterThanOrEqual(294);
  });

  test("a task that kills every thread fails alone", async () => {
    const pool = startPool();
    const file = join(temporaryFolder(), "notes");
    const deadly = pool.run(1, bytes("die"));
    const others = Array.from({ length: 50 }, () => pool.run(1, bytes(`note ${file}`)));
    expect(deadly).rejects.toThrow("2 threads have died of this task");
    await Promise.all(others);
    await deadly.catch(() => undefined);
    await pool.run(1, bytes(`note ${file}`));
  });

  test("takes no more than its queue holds, and takes a cancelled task out", async () => {
    const pool = startPool(1);
    const stop = new AbortController();
    const file = join(temporaryFolder(), "notes");
    const slow = Array.from({ length: 8 }, () => pool.run(1, bytes("wait 20")));
    const cancelled = Array.from({ length: 1024 }, () =>
      pool.run(1, bytes(`note ${file}`), stop.signal).catch(String),
    );
    expect(pool.run(1, bytes("wait 0"))).rejects.toMatchObject({ code: "ERR_BUSY" });
    stop.abort(new Error("not wanted"));
    expect(new Set(await Promise.all(cancelled))).toEqual(new Set(["Error: not wanted"]));
    await Promise.all(slow);
    await pool.run(1, bytes(`note ${file}`));
    expect(readFileSync(file, "utf8")).toBe("x");
  });

  test("closed, it answers what was left", async () => {
    const pool = startPool();
    const left = [1, 2, 3].map(() => pool.run(1, bytes("wait 50")).catch(String));
    pool.close();
    expect(new Set(await Promise.all(left))).toEqual(new Set(["Error: the threads have ended"]));
    expect(pool.run(1, bytes(""))).rejects.toThrow("the threads have ended");
  });
});

describe("the audit log in threads", () => {
  const rows = chainOf(5000);

  test("holds as it was made", async () => {
    expect(await check(rows)).toBe(5000);
  });

  test.each([0, 699, 700, 4999])("breaks at a changed row %d", async (index) => {
    const forged = rows.with(index, { ...(rows[index] as AuditRow), actor: "token:b" });
    expect(check(forged)).rejects.toMatchObject({
      code: "ERR_FORMAT",
      message: expect.stringContaining(`row ${index + 1} is not the one`),
    });
  });

  test("pieces that no task can hold are halved", async () => {
    const reason = "x".repeat(60_000);
    const large: AuditRow[] = [];
    for (let index = 0; index < 60; index++) {
      const place = { project: "p", environment: "e", flag: "F" };
      const change = {
        kind: "override.set",
        ...place,
        enabled: true,
        until: null,
        reason,
      } as const;
      large.push(nextRow(large.at(-1) ?? EMPTY_CHAIN, "token:a", change, index));
    }
    expect(await check(large)).toBe(60);
  });

  test("the server checks a long log at its start, and when it is asked", async () => {
    const data = temporaryFolder();
    const first = await Plane.start({ data });
    const { token } = first;
    await first.server.stop();
    const path = join(data, "control_plane.sqlite");
    fill(path, 4000);
    await using plane = await Plane.start({ data }, token);
    const { status, body, headers } = await plane.call("POST", "/v1/audit/verifications");
    expect([status, body]).toMatchObject([202, { state: "running", total: 4001 }]);
    const at = headers.get("location") ?? "";
    let seen = body;
    while (seen.state === "running") {
      await Bun.sleep(5);
      ({ body: seen } = await plane.call("GET", at));
      expect(seen.checked).toBeLessThanOrEqual(4001);
    }
    expect(seen).toMatchObject({ state: "done", checked: 4001, problem: null });
    expect((await plane.call("GET", `${at}x`)).status).toBe(404);
    const { body: again } = await plane.call("POST", "/v1/audit/verifications");
    const other = `/v1/audit/verifications/${again.verification}`;
    expect((await plane.call("DELETE", other)).status).toBe(204);
    while ((await plane.call("GET", other)).body.state === "running") await Bun.sleep(5);
    expect((await plane.call("GET", other)).body.state).toMatch(/cancelled|done/);
    await plane.server.stop();

    const database = new Database(path);
    database.run("UPDATE audit SET actor = 'token:b' WHERE sequence = 1500");
    database.close();
    expect(Plane.start({ data }, token)).rejects.toMatchObject({
      code: "ERR_FORMAT",
      message: expect.stringContaining("row 1500 is not the one"),
    });
  });
});

/** Adds rows to a log that no server has open. */
function fill(path: string, count: number): void {
  const database = new Database(path);
  const last = database
    .query<{ sequence: number; time: number; digest: string }, []>(
      "SELECT sequence, time, digest FROM audit ORDER BY sequence DESC LIMIT 1",
    )
    .get();
  let head = last ?? EMPTY_CHAIN;
  const add = database.query("INSERT INTO audit VALUES (?, ?, ?, ?, ?)");
  database.transaction(() => {
    for (let index = 0; index < count; index++) {
      const change = { kind: "project.created", project: `p${index % 900}` } as const;
      const row = nextRow(head, "server", change, 2_000_000_000_000 + index);
      add.run(row.sequence, row.time, row.actor, JSON.stringify(row.change), row.digest);
      head = row;
    }
  })();
  database.close();
}
