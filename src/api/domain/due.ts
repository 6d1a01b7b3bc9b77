/** What time does to an environment: overrides end, schedules come. Pure. */

import type { File } from "../../format/file.ts";
import type { DecidedChange } from "./change.ts";
import { findEnvironment, requireThawed } from "./decide.ts";
import type { Place } from "./places.ts";
import { Refusal } from "./refusal.ts";
import type { Environment, Schedule, State } from "./state.ts";
import { changeOf, requireOnePerson } from "./switch.ts";

/** The newest record of an environment. */
export interface NewestRecord {
  readonly digest: string;
  readonly file: File;
}

/** When the next thing is due, in milliseconds since 1970; nothing where nothing is planned. */
export function nextDue({ overrides, schedules }: Environment): number | undefined {
  const times = [
    ...[...overrides.values()].map(({ until }) => until),
    ...[...schedules.values()].map(({ at }) => at),
  ].filter((time) => time !== null);
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * The earliest thing that is due. One that cannot be done is over all the same, and says why.
 *
 * @throws Refusal `stale` when nothing is due, or the record is no longer the newest
 */
export function dueChange(
  state: State,
  place: Place,
  record: NewestRecord | undefined,
  now: number,
): DecidedChange {
  const environment = findEnvironment(state, place);
  const due = nextDue(environment);
  if (due === undefined || due > now || environment.records.at(-1)?.digest !== record?.digest) {
    throw new Refusal("stale", "nothing is due");
  }
  for (const { flag, until } of environment.overrides.values()) {
    if (until === due) return { change: { kind: "override.ended", ...place, flag } };
  }
  for (const schedule of environment.schedules.values()) {
    if (schedule.at === due) return scheduleDone(environment, place, record?.file, schedule, now);
  }
  throw new Refusal("stale", "nothing is due");
}

function scheduleDone(
  environment: Environment,
  place: Place,
  file: File | undefined,
  schedule: Schedule,
  now: number,
): DecidedChange {
  const done = { kind: "schedule.done", ...place, schedule: schedule.id } as const;
  try {
    requireThawed(environment);
    // One person planned it, perhaps before two were asked for.
    if (!schedule.approved) requireOnePerson(environment);
    const change = changeOf(environment, place, file, schedule, now);
    return { change: { ...done, problem: null }, consequences: [change] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { change: { ...done, problem: error.message } };
  }
}
