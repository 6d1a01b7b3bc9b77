/** The store on PostgreSQL, for more than one server and for operators who have one already. */

import { ImmuconfigError, messageOf, valueError } from "../../base/errors.ts";
import type { AuditRow } from "../domain/audit_chain.ts";
import type { Change } from "../domain/change.ts";
import { Connections } from "./connections.ts";
import { migrate, WRITER_LOCK } from "./postgres_schema.ts";
import type { Commit, KeptClaim, SharedStore, Store } from "./store.ts";

/** Connections of one server. */
const CONNECTION_COUNT = 4;
/** Milliseconds that a request waits for a free connection. */
const CHECKOUT_MS = 2000;
/** Milliseconds that the database may take for a statement, and for a lock. */
const STATEMENT_MS = 5000;
/** Codes of a connection that its database has ended. */
const GONE = new Set(["ERR_POSTGRES_CONNECTION_CLOSED", "57P01", "57P02", "57P03"]);
/** Where commits are told, with the last sequence of each. */
const CHANNEL = "immuconfig";

interface StoredClaim {
  name: string;
  digest: string;
  made: string;
  ends: string;
  sequence: string;
  answer: string | null;
}

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
 * @throws ImmuconfigError `ERR_VALUE` for an address of no PostgreSQL; `ERR_WRITE` when the database does
 *   not answer, or its schema is of a later release
 */
export async function openPostgresStore(url: string): Promise<Store> {
  const sql = connectionsTo(url);
  const store = new PostgresStore(sql);
  try {
    await store.migrate();
  } catch (error) {
    await sql.close({ timeout: 0 });
    throw error;
  }
  return store;
}

/** The message has nothing of the address, in which a password may stand. */
function connectionsTo(url: string): Bun.SQL {
  try {
    // Bun takes the addresses of other databases, too.
    if (!/^postgres(ql)?:\/\//.test(url)) throw new Error("it has another scheme");
    return new Bun.SQL(url, {
      max: CONNECTION_COUNT,
      connectionTimeout: CHECKOUT_MS / 1000,
      connection: {
        statement_timeout: STATEMENT_MS,
        lock_timeout: STATEMENT_MS,
        idle_in_transaction_session_timeout: STATEMENT_MS,
      },
    });
  } catch (error) {
    throw valueError(
      `DATABASE_URL is not the address of a database: ${messageOf(error)}`,
      "Give postgres://USER:PASSWORD@HOST:PORT/DATABASE, or unset it for SQLite in the folder of the data.",
    );
  }
}

class PostgresStore implements Store {
  readonly #sql: Bun.SQL;
  readonly #connections: Connections<Bun.ReservedSQL>;
  readonly shared: SharedStore = {
    follow: (grown) => this.#follow(grown),
    onlineKey: () => this.#onlineKey(),
    keepOnlineKey: (publicKey, replaces) => this.#keepOnlineKey(publicKey, replaces),
  };

  constructor(sql: Bun.SQL) {
    this.#sql = sql;
    const open = (): Promise<Bun.ReservedSQL> =>
      sql.reserve({ signal: AbortSignal.timeout(CHECKOUT_MS) });
    this.#connections = new Connections(open, CONNECTION_COUNT, CHECKOUT_MS);
  }

  migrate(): Promise<void> {
    return this.#run(migrate);
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

  append({ after, rows, blobs, claims }: Commit): Promise<void> {
    let hasBegun = false;
    const append = async (connection: Bun.ReservedSQL): Promise<void> => {
      await connection.unsafe("BEGIN");
      hasBegun = true;
      await connection`SELECT pg_advisory_xact_lock(${WRITER_LOCK})`;
      const [last] = await connection<Pick<StoredRow, "sequence" | "digest">[]>`
        SELECT sequence, digest FROM immuconfig.audit ORDER BY sequence DESC LIMIT 1`;
      // By the digest, too: a database that was put back may have grown again on another branch.
      if (
        Number(last?.sequence ?? 0) !== after.sequence ||
        (last !== undefined && last.digest !== after.digest)
      ) {
        throw new ImmuconfigError("ERR_CONFLICT", "another server has written meanwhile");
      }
      for (const [digest, bytes] of blobs) {
        await connection`
          INSERT INTO immuconfig.content VALUES (${digest}, ${bytes}) ON CONFLICT DO NOTHING`;
      }
      const values = rows.map((added) => ({ ...added, change: JSON.stringify(added.change) }));
      await connection`INSERT INTO immuconfig.audit ${this.#sql(values, "sequence", "time", "actor", "change", "digest")}`;
      const claim = claims.at(-1);
      if (claim !== undefined) {
        const kept = claims.map((one) => ({ ...one }));
        await connection`DELETE FROM immuconfig.claim WHERE ends <= ${claim.made}`;
        await connection`INSERT INTO immuconfig.claim ${this.#sql(kept, "name", "digest", "made", "ends", "sequence")}`;
      }
      // Told when the commit is made, and not at all where it is not.
      await connection`SELECT pg_notify(${CHANNEL}, ${String(rows.at(-1)?.sequence)})`;
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

  claims(names: readonly string[]): Promise<readonly KeptClaim[]> {
    return this.#run(async (connection) => {
      const found = await connection<StoredClaim[]>`
        SELECT * FROM immuconfig.claim WHERE name IN ${this.#sql(names)}`;
      return found.map(({ made, ends, sequence, ...claim }) => ({
        ...claim,
        made: Number(made),
        ends: Number(ends),
        sequence: Number(sequence),
      }));
    });
  }

  async keepAnswer(name: string, answer: string): Promise<void> {
    await this.#run(
      (connection) =>
        connection`UPDATE immuconfig.claim SET answer = ${answer} WHERE name = ${name}`,
    );
  }

  async close(): Promise<void> {
    this.#connections.close();
    await this.#sql.close({ timeout: STATEMENT_MS / 1000 });
  }

  /** Bun keeps a connection for this alone, and listens again when it was lost. */
  async #follow(grown: (sequence: number | undefined) => void): Promise<() => Promise<void>> {
    try {
      const subscription = await this.#sql.listen(
        CHANNEL,
        (text) => grown(/^\d{1,15}$/.test(text) ? Number(text) : undefined),
        () => grown(undefined),
      );
      return () => subscription.unlisten();
    } catch (cause) {
      throw noAnswer(cause);
    }
  }

  #onlineKey(): Promise<string | undefined> {
    return this.#run(async (connection) => {
      const [row] = await connection<{ public_key: string }[]>`
        SELECT public_key FROM immuconfig.online_key`;
      return row?.public_key;
    });
  }

  async #keepOnlineKey(publicKey: string, replaces: boolean): Promise<string> {
    await this.#run((connection) =>
      replaces
        ? connection`
            INSERT INTO immuconfig.online_key VALUES (true, ${publicKey})
            ON CONFLICT (one) DO UPDATE SET public_key = ${publicKey}`
        : connection`
            INSERT INTO immuconfig.online_key VALUES (true, ${publicKey}) ON CONFLICT DO NOTHING`,
    );
    return (await this.#onlineKey()) ?? publicKey;
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

function noAnswer(cause: unknown): ImmuconfigError {
  const message = messageOf(cause);
  return new ImmuconfigError("ERR_WRITE", `the database does not answer: ${message}`, {
    cause,
    hint: "Look at the database; the server goes on by itself when it is back.",
  });
}
