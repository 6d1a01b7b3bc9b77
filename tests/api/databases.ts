/** A control plane on each database that this machine has. */

import type { ServerOptions } from "../../src/api/server.ts";
import { findPostgres, Postgres } from "../support/postgres.ts";
import { Plane } from "./support.ts";

export type Driver = "sqlite" | "postgres";

export interface Database extends AsyncDisposable {
  readonly plane: Plane;
}

export const DRIVERS: readonly Driver[] =
  findPostgres() === undefined ? ["sqlite"] : ["sqlite", "postgres"];

/**
 * @param data an empty folder, or for SQLite one of a plane that has run
 * @param from where that one was
 */
export async function startOn(
  driver: Driver,
  data: string,
  from?: { readonly token: string; readonly now: number },
  more: Pick<ServerOptions, "oidc"> = {},
): Promise<Database> {
  const postgres = driver === "postgres" ? await Postgres.create() : undefined;
  const plane = await Plane.start(
    { data, ...more, ...(postgres === undefined ? {} : { databaseUrl: postgres.url }) },
    from?.token,
    undefined,
    from?.now,
  );
  return {
    plane,
    async [Symbol.asyncDispose]() {
      await plane[Symbol.asyncDispose]();
      await postgres?.[Symbol.asyncDispose]();
    },
  };
}
