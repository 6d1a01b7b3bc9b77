/**
 * Flags that the record has on and `feature()` of this process has off: Bun takes those from its command
 * line alone. Few and plain steps: this runs at every start.
 */

import { isUnderCi } from "../base/development.ts";
import type { Environment } from "../base/environment.ts";

export interface Started {
  readonly env: Environment;
  /** Bun's own options, those of `BUN_OPTIONS` among them. */
  readonly execArgv: readonly string[];
  /** The main module. */
  readonly main: string;
}

/**
 * @param features of the record
 * @returns none in production, under CI, in a tool that was installed, and where Bun got them
 */
export function lackingFlags(
  features: Readonly<Record<string, boolean>>,
  { env, execArgv, main }: Started,
): string[] {
  const on = Object.keys(features).filter((name) => features[name] === true);
  if (on.length === 0 || env["NODE_ENV"] === "production" || isUnderCi(env)) return [];
  if (/[/\\]node_modules[/\\]/.test(main)) return [];
  return on.filter((name) => !execArgv.some((word) => word === name || word.endsWith(`=${name}`)));
}
