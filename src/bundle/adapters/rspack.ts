/** `immuconfig/rspack`. */

import type { RspackPluginInstance } from "@rspack/core";
import type { ImmuconfigOptions } from "../record_features.ts";
import { plugin } from "./plugin.ts";

export function immuconfig(options: ImmuconfigOptions = {}): RspackPluginInstance {
  return plugin.rspack(options);
}
