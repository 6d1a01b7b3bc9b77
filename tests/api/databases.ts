/** A control plane on each database that this machine has. */

import type { ServerOptions } from "../../src/api/server.ts";
import { findPostgres, Postgres } from "../support/postgres.ts";
import { Plane } from "./support.ts";

export type Driver = "sqlite" | "postgres";

export interface Database extends AsyncDisposable {
  readonly plane: Plane;
  /** Where it is: another plane can be started on it when this one has stopped. */
  readonly place: Pick<ServerOptions, "data" | "databaseUrl">;
}

export const DRIVERS: readonly Driver[] =
  findPostgres() === undefined ? ["sqlite"] : ["sqlite", "postgres"];

/**
 * @param data an empty folder, or for SQLite one of a plane that has run
 * @param from where that one was
 * @param own a server's module that is not the usual one; a PostgreSQL that is there, to have a database of it
 */
export async function startOn(
  driver: Driver,
  data: string,
  from?: { readonly token: string; readonly now: number },
  more: Pick<ServerOptions, "oidc"> = {},
  own: { readonly module?: string; readonly postgres?: Postgres | undefined } = {},
): Promise<Database> {
  const isOwn = driver === "postgres" && own.postgres === undefined;
  const postgres = isOwn ? await Postgres.create() : undefined;
  const databaseUrl = postgres?.url ?? (await own.postgres?.newDatabase());
  const place = { data, ...(databaseUrl === undefined ? {} : { databaseUrl }) };
  const plane = await Plane.start({ ...more, ...place }, from?.token, own.module, from?.now);
  return {
    plane,
    place,
    async [Symbol.asyncDispose]() {
      await plane[Symbol.asyncDispose]();
      await postgres?.[Symbol.asyncDispose]();
    },
  };
}
