/** The shapes of rollouts in waves. */

import * as v from "valibot";
import { WHOLE_SHARE } from "../../base/shares.ts";
import { EVERY_MS_MAX, EVERY_MS_MIN, WAVE_COUNT_MAX } from "../domain/waves.ts";

/** In hundredths of a percent. */
const Share = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(WHOLE_SHARE));
const Shares = v.pipe(v.array(Share), v.minLength(1), v.maxLength(WAVE_COUNT_MAX));
const EveryMs = v.pipe(v.number(), v.integer(), v.minValue(EVERY_MS_MIN), v.maxValue(EVERY_MS_MAX));
const HealthUrl = v.pipe(v.string(), v.maxLength(512));

export const WAVE_PLAN = {
  shares: Shares,
  everyMs: EveryMs,
  haltIf: v.optional(v.nullable(HealthUrl), null),
};

export const RolloutView = v.object({
  salt: v.number(),
  shares: Shares,
  step: v.number(),
  since: v.number(),
  everyMs: EveryMs,
  haltIf: v.nullable(HealthUrl),
  rest: v.nullable(v.boolean()),
  halted: v.nullable(v.object({ reason: v.string(), time: v.number(), actor: v.string() })),
});
