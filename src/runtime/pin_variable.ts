/** The environment variable of the spawn pin (docs/format.md, "Spawn pin"). */

import type { Environment } from "../base/environment.ts";

export const PIN_VARIABLE = "IMMUCONFIG_PIN";

/** The value that switches pins off: none is obeyed and none is handed on. */
export const PIN_OFF = "off";

/**
 * Where the variable is kept as this process inherited it, once this process has set its own; a
 * member of the global object.
 */
export const INHERITED_PIN = Symbol.for("immuconfig.inherited-pin");

interface PinGlobal {
  [INHERITED_PIN]?: { readonly value: string | undefined };
}

/**
 * What a parent process pinned. This process's own pin, set for its children, is not part of it.
 */
export function inheritedPin(env: Environment): string | undefined {
  const kept = (globalThis as PinGlobal)[INHERITED_PIN];
  return kept === undefined ? env[PIN_VARIABLE] : kept.value;
}

/** Sets the variable for the children of this process. */
export function setPin(env: Record<string, string | undefined>, value: string): void {
  (globalThis as PinGlobal)[INHERITED_PIN] ??= { value: env[PIN_VARIABLE] };
  env[PIN_VARIABLE] = value;
}
