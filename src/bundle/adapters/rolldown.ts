/** `immuconfig/rolldown`. */

import type { RolldownPlugin } from "unplugin";
import type { ImmuconfigOptions } from "../record_features.ts";
import { plugin } from "./plugin.ts";

export function immuconfig(options: ImmuconfigOptions = {}): RolldownPlugin {
  return plugin.rolldown(options);
}
