/** `immuconfig/rollup`. */

import type { RollupPlugin } from "unplugin";
import type { ImmuconfigOptions } from "../record_features.ts";
import { plugin } from "./plugin.ts";

export function immuconfig(options: ImmuconfigOptions = {}): RollupPlugin {
  return plugin.rollup(options);
}
