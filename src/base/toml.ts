/** TOML, by Bun's parser: what Bun reads is what counts. Outside Bun, as far as `bunfig.toml` needs it. */

import { bunOnly } from "./bun_only.ts";
import { valuesOfToml } from "./toml_values.ts";

/**
 * @returns outside Bun, numbers of unusual forms and dates as they are written
 * @throws ImmuconfigError `ERR_UNSUPPORTED` outside Bun, for a text that is not understood there;
 * whatever Bun says of a text that is no TOML
 */
export function parseToml(text: string): object {
  if (text.trim() === "") return {};
  if (typeof Bun !== "undefined") return Bun.TOML.parse(text);
  const values = valuesOfToml(text);
  if (values === undefined) throw bunOnly("reading this bunfig.toml");
  return values;
}
