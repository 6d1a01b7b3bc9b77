/** Where figures come from. */

import { availableParallelism, cpus, release, type } from "node:os";
import { dayOf } from "../../src/base/units.ts";

export function describeMachine(now: Date): string {
  const model = cpus()[0]?.model.trim() ?? "an unknown processor";
  return (
    `${model}, ${availableParallelism()} cores; ${type()} ${release()}, ${process.arch}; ` +
    `Bun ${Bun.version}; ${dayOf(now)}`
  );
}
