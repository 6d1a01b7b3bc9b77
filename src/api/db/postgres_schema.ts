/** The schema of the PostgreSQL store, release by release. */

import { ImmuconfigError } from "../../base/errors.ts";

/** What the servers on one database agree on: only one of them writes at a time. */
export const WRITER_LOCK = 0x424e_5531;

/** In order; each runs once. Never changed after a release. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE immuconfig.audit (
     sequence bigint PRIMARY KEY,
     time bigint NOT NULL,
     actor text NOT NULL,
     change text NOT NULL,
     digest text NOT NULL
   );
   CREATE TABLE immuconfig.content (digest text PRIMARY KEY, bytes bytea NOT NULL);`,
  `CREATE TABLE immuconfig.claim (
     name text PRIMARY KEY,
     digest text NOT NULL,
     made bigint NOT NULL,
     ends bigint NOT NULL,
     sequence bigint NOT NULL,
     answer text
   );
   CREATE INDEX claim_ends ON immuconfig.claim (ends);
   CREATE TABLE immuconfig.online_key (
     one boolean PRIMARY KEY CHECK (one),
     public_key text NOT NULL
   );`,
];

/**
 * Brings the schema `immuconfig` to this release, in one transaction.
 *
 * @throws ImmuconfigError `ERR_WRITE` when it is of a later release; what the database throws
 */
export async function migrate(connection: Bun.ReservedSQL): Promise<void> {
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
}

function laterSchema(version: number): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_WRITE",
    `the database has schema ${version}, this release knows ${MIGRATIONS.length}`,
    { hint: "Run the release that brought the schema, or a later one." },
  );
}
