/**
 * `immuconfig/live` under a Node that can load a module at once (`module-sync`): as index.ts, but nearly all of it
 * waits until it is needed.
 */

import { mainModule } from "../runtime/main_module.ts";
import { processState } from "../runtime/process_state.ts";
import { fastOpen } from "./fast_open.ts";
import type { LiveOptions, LiveView } from "./view_types.ts";

const rest = (): typeof import("./rest.ts") => require("./rest.ts");

export const openLive = (path: string, options: LiveOptions): Promise<LiveView> =>
  rest().openLive(path, options);

const { env } = process;
const quick = fastOpen({ env, isOwn: 1, cwd: process.cwd(), main: mainModule() }, rest);
processState().firstLive ??= quick === undefined ? "store" : "native";
export const live: LiveView = quick ?? rest().openProject();
