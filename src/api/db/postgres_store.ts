/** The store on PostgreSQL, for more than one server and for operators who have one already. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { AuditRow } from "../domain/audit_chain.ts";
import type { Change } from "../domain/change.ts";
import { Connections } from "./connections.ts";
import type { Commit, Store } from "./store.ts";

/** Connections of one server. */
const CONNECTION_COUNT = 4;
/** Milliseconds that a request waits for a free connection. */
const CHECKOUT_MS = 2000;
/** Milliseconds that the database may take for a statement, and for a lock. */
const STATEMENT_MS = 5000;
/** Codes of a connection that its database has ended. */
const GONE = new Set(["ERR_POSTGRES_CONNECTION_CLOSED", "57P01", "57P02", "57P03"]);
/** What the servers on one database agree on: only one of them writes at a time. */
const WRITER_LOCK = 0x424e_5531;

/** In order; each runs once, in a transaction of its own. Never changed after a release. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE immuconfig.audit (
     sequence bigint PRIMARY KEY,
     time bigint NOT NULL,
     actor text NOT NULL,
     change text NOT NULL,
     digest text NOT NULL
   );
   CREATE TABLE immuconfig.content (digest text PRIMARY KEY, bytes bytea NOT NULL);`,
];

interface StoredRow {
  sequence: string;
  time: string;
  actor: string;
  change: string;
  digest: string;
}

/**
 * Connects, and brings the schema `immuconfig` to this release.
 *
 * @param url `postgres://…`
 * @throws ImmuconfigError `ERR_WRITE` when the database does not answer, or its schema is of a later
 *   release
 */
export async function openPostgresStore(url: string): Promise<Store> {
  const sql = new Bun.SQL(url, {
    max: CONNECTION_COUNT,
    connectionTimeout: CHECKOUT_MS / 1000,
    connection: {
      statement_timeout: STATEMENT_MS,
      lock_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: STATEMENT_MS,
    },
  });
  const store = new PostgresStore(sql);
  try {
    await store.migrate();
  } catch (error) {
    await sql.close({ timeout: 0 });
    throw error;
  }
  return store;
}

class PostgresStore implements Store {
  readonly #sql: Bun.SQL;
  readonly #connections: Connections<Bun.ReservedSQL>;

  constructor(sql: Bun.SQL) {
    this.#sql = sql;
    const open = (): Promise<Bun.ReservedSQL> =>
      sql.reserve({ signal: AbortSignal.timeout(CHECKOUT_MS) });
    this.#connections = new Connections(open, CONNECTION_COUNT, CHECKOUT_MS);
  }

  async migrate(): Promise<void> {
    await this.#run(async (connection) => {
      await connection.unsafe("BEGIN");
      await connection`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`;
      await connection.unsafe(
        `CREATE SCHEMA IF NOT EXISTS immuconfig;
         CREATE TABLE IF NOT EXISTS immuconfig.migration (version int PRIMARY KEY);`,
      );
      const [row] = await connection<{ version: number }[]>`
        SELECT coalesce(max(version), 0) AS version FROM immuconfig.migration`;
      const done = row?.version ?? 0;
      if (done > MIGRATIONS.length) throw laterSchema(done);
      for (const [index, statements] of MIGRATIONS.entries()) {
        if (index < done) continue;
        await connection.unsafe(statements);
        await connection`INSERT INTO immuconfig.migration VALUES (${index + 1})`;
      }
      await connection.unsafe("COMMIT");
    });
  }

  rows(after: number, limit: number): Promise<readonly AuditRow[]> {
    return this.#run(async (connection) => {
      const found = await connection<StoredRow[]>`
        SELECT * FROM immuconfig.audit WHERE sequence > ${after} ORDER BY sequence LIMIT ${limit}`;
      return found.map(({ sequence, time, actor, change, digest }) => ({
        sequence: Number(sequence),
        time: Number(time),
        actor,
        change: JSON.parse(change) as Change,
        digest,
      }));
    });
  }

  append({ after, rows, blobs }: Commit): Promise<void> {
    let hasBegun = false;
    const append = async (connection: Bun.ReservedSQL): Promise<void> => {
      await connection.unsafe("BEGIN");
      hasBegun = true;
      await connection`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`;
      const [row] = await connection<{ last: string }[]>`
        SELECT coalesce(max(sequence), 0) AS last FROM immuconfig.audit`;
      if (Number(row?.last) !== after) {
        throw new ImmuconfigError("ERR_CONFLICT", "another server has written meanwhile");
      }
      for (const [digest, bytes] of blobs) {
        await connection`
          INSERT INTO immuconfig.content VALUES (${digest}, ${bytes}) ON CONFLICT DO NOTHING`;
      }
      const values = rows.map((added) => ({ ...added, change: JSON.stringify(added.change) }));
      await connection`INSERT INTO immuconfig.audit ${this.#sql(values, "sequence", "time", "actor", "change", "digest")}`;
      await connection.unsafe("COMMIT");
    };
    return this.#run(append, () => hasBegun);
  }

  blob(digest: string): Promise<Uint8Array | undefined> {
    return this.#run(async (connection) => {
      const [row] = await connection<{ bytes: Uint8Array }[]>`
        SELECT bytes FROM immuconfig.content WHERE digest = ${digest}`;
      return row?.bytes;
    });
  }

  async close(): Promise<void> {
    this.#connections.close();
    await this.#sql.close({ timeout: STATEMENT_MS / 1000 });
  }

  /**
   * One piece of work on a connection of its own. One that was free may be of a database that has been started
   * again: then the work is done anew on a fresh one, unless it may have changed something.
   */
  async #run<Result>(
    work: (connection: Bun.ReservedSQL) => Promise<Result>,
    mayHaveChanged: () => boolean = () => false,
  ): Promise<Result> {
    const idle = this.#connections.takeIdle();
    if (idle !== undefined) {
      try {
        return await this.#use(idle, work);
      } catch (error) {
        if (!isGone(error) || mayHaveChanged()) throw error;
      }
    }
    let connection: Bun.ReservedSQL;
    try {
      connection = await this.#connections.take();
    } catch (cause) {
      throw noAnswer(cause);
    }
    return this.#use(connection, work);
  }

  async #use<Result>(
    connection: Bun.ReservedSQL,
    work: (connection: Bun.ReservedSQL) => Promise<Result>,
  ): Promise<Result> {
    let result: Result;
    try {
      result = await work(connection);
    } catch (cause) {
      // One that is gone has rolled back by itself.
      const isAlive = await connection.unsafe("ROLLBACK").then(
        () => true,
        () => false,
      );
      if (isAlive) this.#connections.give(connection);
      else this.#connections.drop(connection);
      throw cause instanceof ImmuconfigError ? cause : noAnswer(cause);
    }
    this.#connections.give(connection);
    return result;
  }
}

/** Whether a failure is that of a connection, not of what was asked. */
function isGone(error: unknown): boolean {
  const cause = error instanceof ImmuconfigError ? error.cause : undefined;
  if (!(cause instanceof Error)) return false;
  const { code, errno } = cause as { code?: unknown; errno?: unknown };
  return GONE.has(String(code)) || GONE.has(String(errno));
}

function laterSchema(version: number): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_WRITE",
    `the database has schema ${version}, this release knows ${MIGRATIONS.length}`,
    { hint: "Run the release that brought the schema, or a later one." },
  );
}

function noAnswer(cause: unknown): ImmuconfigError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new ImmuconfigError("ERR_WRITE", `the database does not answer: ${message}`, {
    cause,
    hint: "Look at the database; the server goes on by itself when it is back.",
  });
}
