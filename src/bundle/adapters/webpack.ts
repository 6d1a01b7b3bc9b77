/** `immuconfig/webpack`. */

import type { WebpackPluginInstance } from "webpack";
import type { ImmuconfigOptions } from "../record_features.ts";
import { plugin } from "./plugin.ts";

export function immuconfig(options: ImmuconfigOptions = {}): WebpackPluginInstance {
  return plugin.webpack(options);
}
