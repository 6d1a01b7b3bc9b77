/** `immuconfig/vite`. */

import type { VitePlugin } from "unplugin";
import type { ImmuconfigOptions } from "../record_features.ts";
import { plugin } from "./plugin.ts";

export function immuconfig(options: ImmuconfigOptions = {}): VitePlugin {
  return plugin.vite(options);
}
