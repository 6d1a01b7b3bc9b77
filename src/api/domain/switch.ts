/** Which switches of flags a state allows, and what actions come to. Pure. */

import { feature } from "bun:bundle";
import type { File } from "../../format/file.ts";
import { letsSwitch, liveRule } from "../../format/live_rule.ts";
import type { Action, Change, DecidedChange } from "./change.ts";
import { environmentAt, requireFlag, requireThawed, type Target } from "./decide.ts";
import type { Place } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { checkResume, checkStart } from "./rollout.ts";
import type { Environment, State } from "./state.ts";
import { changeOfValues, isValuesAction } from "./variants.ts";

/** Milliseconds: no override lasts longer than a year, and nothing is planned for later. */
export const PLAN_MS_MAX = 366 * 24 * 60 * 60 * 1000;
const OVERRIDE_COUNT_MAX = 64;

/** What is asked for, and why. */
export interface Wish {
  readonly action: Action;
  readonly reason: string;
}

/** Does an action at once, where the environment lets one person do so. */
export function act(
  state: State,
  target: Target,
  wish: Wish,
  isAdmin: boolean,
  now: number,
): DecidedChange {
  const environment = environmentAt(state, target);
  const { action } = wish;
  const isSwitchOff = action.kind === "switch" && !action.enabled;
  // A freeze leaves the one door open that an incident needs.
  if (environment.frozen === null || !isSwitchOff || !isAdmin) {
    requireThawed(environment);
    requireOnePerson(environment);
  }
  return { change: changeOf(environment, target.place, target.file, wish, now) };
}

/** @throws Refusal `needs-approval` */
export function requireOnePerson({ twoPersons }: Environment): void {
  if (!twoPersons) return;
  throw new Refusal(
    "needs-approval",
    "a change here needs somebody who approves it: open a change request",
  );
}

/**
 * The change that an action is, whoever asks.
 *
 * @param file the environment's newest record
 * @param time when it is done
 * @throws Refusal what the record or the clock forbids
 */
export function changeOf(
  environment: Environment,
  place: Place,
  file: File | undefined,
  { action, reason }: Wish,
  time: number,
): Change {
  if (feature("PREMIUM_TYPES") && isValuesAction(action)) {
    return changeOfValues(environment, place, file, action, reason);
  }
  switch (action.kind) {
    case "switch": {
      const { flag, enabled, until } = action;
      checkSwitch(environment, file, action, time);
      return { kind: "override.set", ...place, flag, enabled, until, reason };
    }
    case "roll_out": {
      const { kind: _, ...plan } = action;
      checkSwitch(environment, file, action, time);
      const rest = checkStart(environment, action.flag, action.enabled, action);
      return { kind: "rollout.started", ...place, ...plan, rest, reason };
    }
    case "resume":
      checkResume(environment, action.flag);
      return { kind: "rollout.resumed", ...place, flag: action.flag, reason };
    case "give_back":
      if (!environment.overrides.has(action.flag)) {
        throw new Refusal("not-found", `flag ${action.flag} has no override here`);
      }
      return { kind: "override.cleared", ...place, flag: action.flag, reason };
    case "end_two_persons":
      if (!environment.twoPersons) {
        throw new Refusal("unprocessable", "no second person is needed here");
      }
      return { kind: "rule.set", ...place, twoPersons: false, reason };
    default:
      throw new Refusal("unprocessable", `this server does nothing of the kind ${action.kind}`);
  }
}

function checkSwitch(
  { overrides }: Environment,
  file: File | undefined,
  { flag, enabled, until }: Extract<Action, { readonly kind: "switch" | "roll_out" }>,
  time: number,
): void {
  const record = requireFlag(file, flag);
  if (!letsSwitch(record, flag, enabled)) {
    const rule =
      liveRule(record, flag) === "none" ? "not be switched here" : "only be switched off";
    throw new Refusal("unprocessable", `the record says that ${flag} can ${rule}`);
  }
  if (until !== null && (until <= time || until > time + PLAN_MS_MAX)) {
    throw new Refusal("unprocessable", "its end (`until`) must lie ahead, and at most a year");
  }
  if (!overrides.has(flag) && overrides.size >= OVERRIDE_COUNT_MAX) {
    throw new Refusal(
      "unprocessable",
      `an environment has at most ${OVERRIDE_COUNT_MAX} overrides`,
    );
  }
}
