/** TOML, by Bun's parser: what Bun reads is what counts. Outside Bun, as far as `bunfig.toml` needs it. */

import { bunOnly } from "./bun_only.ts";
import { valueError } from "./errors.ts";
import { TOML_PART_COUNT_MAX } from "./limits.ts";
import { valuesOfToml } from "./toml_values.ts";

/**
 * @returns outside Bun, numbers of unusual forms and dates as they are written
 * @throws ImmuconfigError `ERR_VALUE` for one with more keys and tables than anybody writes; `ERR_UNSUPPORTED`
 * outside Bun, for a text that is not understood there; whatever Bun says of a text that is no TOML
 */
export function parseToml(text: string): object {
  if (text.trim() === "") return {};
  requireFewParts(text);
  if (typeof Bun !== "undefined") return Bun.TOML.parse(text);
  const values = valuesOfToml(text);
  if (values === undefined) throw bunOnly("reading this bunfig.toml");
  return values;
}

/** Bun's parser takes the square of their number: minutes for 1 MiB of them. Nothing is one without a sign of its own. */
function requireFewParts(text: string): void {
  let count = 0;
  for (const _ of text.matchAll(/[=[]/g)) {
    count += 1;
    if (count <= TOML_PART_COUNT_MAX) continue;
    throw valueError(
      `this bunfig.toml has more than ${TOML_PART_COUNT_MAX} keys, tables and lists`,
      "Take out what nobody needs.",
    );
  }
}
