/**
 * Two servers as processes, both changed all the time by one client each, while one is killed and the database
 * goes away: one log without a gap, and every host and stream ends at its end.
 */

import { expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { PlaneClient } from "../../src/agent/plane_client.ts";
import { checkAuditRow, EMPTY_CHAIN } from "../../src/api/domain/audit_chain.ts";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { memoryHost } from "../agent/memory_host.ts";
import { findPostgres, Postgres } from "../support/postgres.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { ServerProcess } from "./server_process.ts";
import { SHOP } from "./support.ts";

/** `IMMUCONFIG_TEST_STORM_SECONDS=60` is the whole storm. */
const SECONDS = Number(process.env["IMMUCONFIG_TEST_STORM_SECONDS"] ?? 6);
/** Milliseconds between two changes of one client. */
const CHANGE_MS = 100;
/** Hosts at each server. */
const HOST_COUNT = 8;
/** Milliseconds that all may take to meet at the end. */
const SETTLE_MS = 30_000;
setDefaultTimeout(SECONDS * 1000 + SETTLE_MS + 60_000);
const temporaryFolder = useTemporaryFolders();

/** Changes one flag through one server, ten times a second, and notes what was acknowledged. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly #server: ServerProcess;
  readonly #token: string;
  readonly #name: string;
  #count = 0;

  constructor(server: ServerProcess, token: string, name: string) {
    this.#server = server;
    this.#token = token;
    this.#name = name;
  }

  async run(end: number): Promise<void> {
    while (performance.now() < end) {
      const next = performance.now() + CHANGE_MS;
      await this.change();
      await Bun.sleep(Math.max(0, next - performance.now()));
    }
  }

  /** @returns whether it was made */
  async change(): Promise<boolean> {
    const reason = `${this.#name}-${this.#count++}`;
    const wish = JSON.stringify({ enabled: this.#count % 2 === 0, reason });
    try {
      for (let tries = 0; tries < 20; tries++) {
        const { headers } = await this.#call("GET", SHOP);
        const etag = headers.get("etag") ?? "";
        const { status } = await this.#call("PUT", `${SHOP}/overrides/DEBUG`, wish, etag);
        if (status === 200) this.acknowledged.push(reason);
        if (status !== 412) return status === 200;
      }
    } catch {
      // The server is gone.
    }
    return false;
  }

  #call(method: string, path: string, body?: string, etag?: string): Promise<Response> {
    return fetch(new URL(path, this.#server.url), {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(etag === undefined ? {} : { "if-match": etag }),
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(10_000),
    });
  }
}

async function makeShop(url: string, token: string): Promise<string> {
  const client = new PlaneClient({ server: url, token, project: "shop", environment: "live" });
  await client.create();
  await client.push(encodeFile(PLAIN_FILE), (await client.environment()).version);
  const answer = (await (await fetch(new URL("/v1/online-key", url))).json()) as {
    readonly publicKey: string;
  };
  return answer.publicKey;
}

test.skipIf(findPostgres() === undefined)(
  "changed at both all the time, they make one log without a gap, through a kill and a lost database",
  async () => {
    await using postgres = await Postgres.create();
    const folder = temporaryFolder();
    const [first, second] = [join(folder, "a"), join(folder, "b")];
    await using a = new ServerProcess(first, postgres.url);
    await a.start();
    const token = a.adminToken ?? "";
    mkdirSync(second);
    copyFileSync(join(first, "online.key"), join(second, "online.key"));
    await using b = new ServerProcess(second, postgres.url);
    await b.start();
    const key = await makeShop(a.url, token);
    const stop = new AbortController();
    const hosts = [a, b].flatMap(({ url }) =>
      Array.from({ length: HOST_COUNT }, () => memoryHost(url, token, key, stop.signal)),
    );
    const writers = [new Writer(a, token, "a"), new Writer(b, token, "b")];

    const begin = performance.now();
    const third = (SECONDS * 1000) / 3;
    const runs = writers.map((writer) => writer.run(begin + 3 * third));
    await Bun.sleep(third);
    await b.kill();
    await b.start();
    await Bun.sleep(Math.max(0, begin + 2 * third - performance.now()));
    await postgres.stop("immediate");
    await Bun.sleep(500);
    await postgres.start();
    await Promise.all(runs);
    // Each works again.
    for (const writer of writers) await until(() => writer.change());

    const rows = await auditRows(postgres.url);
    let head = EMPTY_CHAIN;
    for (const row of rows) head = checkAuditRow(head, row);
    expect(head.sequence).toBe(rows.length);
    const reasons = rows.flatMap(({ change }) => ("reason" in change ? [change.reason] : []));
    const acknowledged = writers.flatMap((writer) => writer.acknowledged);
    expect(acknowledged.length).toBeGreaterThan(SECONDS);
    expect(new Set(reasons).size).toBe(reasons.length);
    expect(new Set(reasons).isSupersetOf(new Set(acknowledged))).toBe(true);

    // But for the first token's row and the project's, all are changes of the environment.
    const changes = rows.length - 2;
    const last = rows.findLast(({ change }) => change.kind === "override.set")?.change;
    for (const host of hosts) await until(() => host.sequences.at(-1) === changes);
    for (const { sequences, overrides } of hosts) {
      expect(overrides).toEqual({ DEBUG: last?.enabled });
      expect(sequences).toEqual(sequences.toSorted((x, y) => x - y));
    }
    const tags = await Promise.all(
      [a, b].map(async ({ url }) => {
        const headers = { authorization: `Bearer ${token}` };
        return (await fetch(new URL(SHOP, url), { headers })).headers.get("etag");
      }),
    );
    expect(tags).toEqual([`"${rows.length}"`, `"${rows.length}"`]);
    stop.abort();
  },
);

interface Row {
  readonly sequence: number;
  readonly change: {
    readonly kind: string;
    readonly reason?: string;
    readonly enabled?: boolean;
  };
}

async function auditRows(url: string): Promise<Row[]> {
  await using sql = new Bun.SQL(url, { max: 1 });
  const rows = await sql`SELECT * FROM immuconfig.audit ORDER BY sequence`;
  return rows.map((row: { sequence: string; time: string; change: string }) => ({
    ...row,
    sequence: Number(row.sequence),
    time: Number(row.time),
    change: JSON.parse(row.change),
  }));
}
