/** Where figures come from. */

import { availableParallelism, cpus, release, type } from "node:os";

export function describeMachine(now: Date): string {
  const model = cpus()[0]?.model.trim() ?? "an unknown processor";
  return (
    `${model}, ${availableParallelism()} cores; ${type()} ${release()}, ${process.arch}; ` +
    `Bun ${Bun.version}; ${now.toISOString().slice(0, 10)}`
  );
}
