/** The control plane: what requests, tokens, tasks, streams and a switch cost. */

import { findPostgres } from "../../tests/support/postgres.ts";
import { clickBounds } from "../plane/click.ts";
import { partBounds } from "../plane/parts.ts";
import { requestBounds } from "../plane/requests.ts";
import { streamBounds } from "../plane/streams.ts";
import { twoServersBounds } from "../plane/two_servers.ts";
import { unleashBounds } from "../plane/unleash.ts";
import type { BenchOptions, Bound } from "../support/bound.ts";

export async function planeBounds(options: BenchOptions): Promise<Bound[]> {
  const bounds = [
    ...(await partBounds(options)),
    ...(await requestBounds(options)),
    ...(await streamBounds(options)),
    ...(await clickBounds(options)),
  ];
  if (findPostgres() === undefined) {
    console.log("PostgreSQL is not installed: two servers and unleash-server are not measured");
    return bounds;
  }
  return [...bounds, ...(await twoServersBounds(options)), ...(await unleashBounds(options))];
}
