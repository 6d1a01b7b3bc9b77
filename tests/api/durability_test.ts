/** What was acknowledged is there after a kill, a power cut, a full disk, a lost database. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { hasLoopDisks, LoopDisk } from "../support/loop_disk.ts";
import { findPostgres, Postgres } from "../support/postgres.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(120_000);
const temporaryFolder = useTemporaryFolders();
const ROUNDS = 20;
const CHILD = join(import.meta.dir, "children", "serve.ts");

interface Served {
  readonly url: string;
  readonly process: Bun.Subprocess;
  readonly adminToken: string | undefined;
}

async function serve(data: string): Promise<Served> {
  const child = Bun.spawn([BUN, CHILD, data], { stdio: ["ignore", "pipe", "inherit"] });
  const { value } = await child.stdout.getReader().read();
  const { url, adminToken } = JSON.parse(new TextDecoder().decode(value));
  return { url, adminToken, process: child };
}

/** Creates projects until the server is gone. */
async function createUntilGone(
  { url }: Served,
  token: string,
  prefix: string,
  created: string[],
): Promise<void> {
  for (let index = 0; index < 10_000; index++) {
    const project = `${prefix}-${index}`;
    try {
      const { status } = await fetch(new URL("/v1/projects", url), {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify({ project }),
      });
      if (status === 201) created.push(project);
    } catch {
      return;
    }
  }
}

/** Runs a server, kills it in the middle of writes, has `afterKill` do its worst, and starts another. */
async function killRounds(
  data: string,
  rounds: number,
  afterKill: () => Promise<void>,
): Promise<void> {
  const acknowledged: string[] = [];
  let token = "";
  for (let round = 0; round < rounds; round++) {
    const served = await serve(data);
    token ||= served.adminToken ?? "";
    const before = acknowledged.length;
    const writers = ["a", "b", "c"].map((name) =>
      createUntilGone(served, token, `${name}${round}`, acknowledged),
    );
    while (acknowledged.length <= before + round) await Bun.sleep(1);
    served.process.kill("SIGKILL");
    await served.process.exited;
    await Promise.all(writers);
    await afterKill();
  }
  await using plane = await Plane.start({ data }, token);
  const { body } = await plane.call("GET", "/v1/projects");
  expect(new Set(body.projects).isSupersetOf(new Set(acknowledged))).toBe(true);
}

test("killed in the middle of writes, a server loses nothing that it acknowledged", async () => {
  await killRounds(temporaryFolder(), ROUNDS, () => Promise.resolve());
});

describe.skipIf(!hasLoopDisks)("on a disk of its own", () => {
  test("nor when the power goes", async () => {
    await using disk = await LoopDisk.create(32);
    await killRounds(join(disk.folder, "data"), ROUNDS, () => disk.cutPower());
  });

  test("that is full, a change is refused, reads go on, and a change works when there is room", async () => {
    await using disk = await LoopDisk.create(8);
    const filler = join(disk.folder, "filler");
    await using plane = await Plane.start({ data: join(disk.folder, "data") });
    await makeShop(plane, encodeFile(PLAIN_FILE));
    fill(filler);
    let generation = 2;
    const push = async () => {
      const { etag } = await plane.call("GET", SHOP);
      const file = encodeFile({
        ...PLAIN_FILE,
        generation: generation++,
        extensions: [{ tag: "Test", payload: new Uint8Array(200_000), offset: 0 }],
      });
      return plane.call("PUT", `${SHOP}/record`, file, { "if-match": etag });
    };
    // SQLite may have some room of its own.
    let refused = await push();
    for (let i = 0; i < 50 && refused.status === 200; i++) refused = await push();
    expect(refused).toMatchObject({ status: 503, body: { type: "/problems/unavailable" } });
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    const { status, body } = await plane.call("GET", SHOP);
    expect([status, body.flags.length]).toEqual([200, 1]);
    rmSync(filler);
    expect((await push()).status).toBe(200);
    await plane.server.stop();
    await using again = await Plane.start({ data: join(disk.folder, "data") }, plane.token);
    expect((await again.call("GET", SHOP)).body.record.generation).toBe(generation - 1);
  });
});

function fill(path: string): void {
  for (const size of [64 * 1024, 1024]) {
    try {
      for (let i = 0; i < 2048; i++) writeFileSync(path, Buffer.alloc(size, 1), { flag: "a" });
    } catch {
      // Full.
    }
  }
}

test("data that a server has open are not opened twice", async () => {
  const data = temporaryFolder();
  await using first = await Plane.start({ data });
  expect(Plane.start({ data })).rejects.toMatchObject({ code: "ERR_BUSY" });
  expect((await first.call("GET", "/v1/health")).status).toBe(200);
});

async function keyOf(plane: Plane): Promise<string> {
  return (await plane.call("GET", "/v1/online-key")).body.publicKey;
}

test("a server whose key is missing says so, and makes another only when told to", async () => {
  const data = temporaryFolder();
  const path = join(data, "online.key");
  const start = (newOnlineKey = false): Promise<Plane> =>
    Plane.start({ data, newOnlineKey }, "none");
  const first = await start();
  const key = await keyOf(first);
  await first.server.stop();
  const kept = readFileSync(path);
  rmSync(path);
  // The second time, too: a server that does not start leaves nothing open.
  for (const _ of [1, 2]) {
    const fault: unknown = await start().catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: "ERR_KEY", message: expect.stringContaining(path) });
    expect(existsSync(path)).toBe(false);
  }
  const second = await start(true);
  expect(await keyOf(second)).not.toBe(key);
  await second.server.stop();
  writeFileSync(path, kept);
  const third = await start();
  expect(await keyOf(third)).toBe(key);
  await third.server.stop();
});

test.skipIf(findPostgres() === undefined)(
  "while PostgreSQL is gone reads go on and changes are refused; it recovers by itself",
  async () => {
    await using postgres = await Postgres.create();
    await using plane = await Plane.start({ data: temporaryFolder(), databaseUrl: postgres.url });
    await makeShop(plane, encodeFile(PLAIN_FILE));
    for (let round = 0; round < ROUNDS; round++) {
      await postgres.stop("immediate");
      const refused = await plane.call("POST", "/v1/projects", { project: `lost-${round}` });
      expect(refused).toMatchObject({ status: 503 });
      expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
      expect((await plane.call("GET", SHOP)).body.flags).toHaveLength(1);
      await postgres.start();
      const made = await plane.call("POST", "/v1/projects", { project: `kept-${round}` });
      expect(made.status).toBe(201);
    }
    // Nobody asked while it was gone: connections that were free are of the database before.
    await postgres.stop("fast");
    await postgres.start();
    expect((await plane.call("POST", "/v1/projects", { project: "kept-last" })).status).toBe(201);
    const { body } = await plane.call("GET", "/v1/projects");
    const kept = Array.from({ length: ROUNDS }, (_, round) => `kept-${round}`);
    expect(body.projects).toEqual(["shop", ...kept, "kept-last"]);
  },
);
