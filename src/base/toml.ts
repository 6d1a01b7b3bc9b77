/** TOML, by Bun's parser: what Bun reads is what counts, and nothing else here reads it. */

import { bunOnly } from "./bun_only.ts";

/**
 * @throws ImmuconfigError `ERR_UNSUPPORTED` outside Bun; whatever Bun says of a text that is no TOML
 */
export function parseToml(text: string): object {
  if (text.trim() === "") return {};
  if (typeof Bun !== "undefined") return Bun.TOML.parse(text);
  throw bunOnly("reading bunfig.toml");
}
