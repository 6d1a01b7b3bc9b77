/** From a change at one server to a client of another on the same database. */

import { Postgres } from "../../tests/support/postgres.ts";
import type { BenchOptions, Bound } from "../support/bound.ts";
import { median } from "../support/measure.ts";
import { Plane } from "./servers.ts";
import { Streams } from "./streams.ts";

const CHANGES = 200;
const MORE_MS_MAX = 20;

/** The floor is the change itself, until it is answered. */
export async function twoServersBounds({ quick }: BenchOptions): Promise<Bound[]> {
  await using postgres = await Postgres.create();
  const env = { NODE_ENV: "production", DATABASE_URL: postgres.url };
  await using first = await Plane.start(env);
  await using second = await Plane.beside(first, env);
  const stream = new Streams(second);
  await stream.open(1);
  const heard: number[] = [];
  const answers: number[] = [];
  for (let change = 0; change < (quick ? 3 : CHANGES); change++) {
    const seen = stream.nextOfAll();
    const start = Bun.nanoseconds();
    await first.flip("FLAG_0", change % 2 === 0);
    answers.push(Bun.nanoseconds() - start);
    heard.push((await seen).last - start);
  }
  stream.close();
  const [subjectNs, floorNs] = [median(heard), median(answers)];
  return [
    {
      name: "a change at one server until a client of another has it / its answer",
      subjectNs,
      floorNs,
      value: (subjectNs - floorNs) / 1e6,
      max: MORE_MS_MAX,
      unit: "ms more",
    },
  ];
}
