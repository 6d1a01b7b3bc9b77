/** `immuconfig/live` under Bun: as index.ts, but nearly all of it waits until it is needed. */

import { processState } from "../runtime/process_state.ts";
import { fastOpen } from "./fast_open.ts";
import type { LiveOptions, LiveView } from "./view_types.ts";

const { env } = process;
const { main, version } = Bun;
const rest = (): typeof import("./rest.ts") => require("./rest.ts");

export const openLive = (path: string, options: LiveOptions): Promise<LiveView> =>
  rest().openLive(path, options);

const quick = fastOpen({ env, isOwn: 1, cwd: process.cwd(), main, version }, rest);
processState().firstLive ??= quick === undefined ? "store" : "native";
export const live: LiveView = quick ?? rest().openProject();
