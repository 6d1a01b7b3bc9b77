/** The environment by which this process finds and believes its record. */

import type { Environment } from "../base/environment.ts";
import { envFilesText, startEnvironment } from "../base/start_environment.ts";
import { PIN_VARIABLE, SETTER_VARIABLE } from "./children.ts";
import { DECIDING_VARIABLES } from "./deciding_variables.ts";
import { processState } from "./process_state.ts";

/**
 * That of the process, but for this process's own pin, set for its children, and for what the
 * working folder's `.env` files say of the variables that decide: these count as they were when the
 * process was started. `bun run` hands such a file on to what it starts, so what is in one does not
 * count even then.
 */
export function ownEnvironment(): Environment {
  const state = processState();
  const env = isOwnPin() ? { ...process.env, ...state.inheritedPin } : process.env;
  const set = DECIDING_VARIABLES.filter((name) => env[name] !== undefined);
  if (set.length === 0) return env;
  const cwd = process.cwd();
  const text = envFilesText(cwd);
  const named = set.filter((name) => text.includes(name));
  if (named.length === 0) return env;
  const start = (state.start ??= startEnvironment(process.env, cwd));
  const entries = named.map((name) => {
    const value = start[name];
    return [name, value === undefined || text.includes(value) ? undefined : value] as const;
  });
  return { ...env, ...Object.fromEntries(entries) };
}

/** The same for a later read: what this process has shown once stays what it was. */
export function laterEnvironment(): Environment {
  const { ownPin } = processState();
  if (ownPin === undefined || !isOwnPin()) return ownEnvironment();
  const { text, setters } = ownPin;
  return { ...ownEnvironment(), [PIN_VARIABLE]: text, [SETTER_VARIABLE]: setters };
}

/**
 * What a parent process pinned, for a program that has no other use for the environment: looked up
 * only where something is set.
 */
export function inheritedPin(): string | undefined {
  return process.env[PIN_VARIABLE] === undefined ? undefined : ownEnvironment()[PIN_VARIABLE];
}

function isOwnPin(): boolean {
  const { ownPin } = processState();
  return ownPin !== undefined && process.env[PIN_VARIABLE] === ownPin.text;
}
