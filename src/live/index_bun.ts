/** `immuconfig/live` under Bun: as index.ts, but nearly all of it waits until it is needed. */

import { requireBun } from "../base/bun_version.ts";
import { processState } from "../runtime/process_state.ts";
import { fastOpen } from "./fast_open.ts";
import type { LiveOptions, LiveView } from "./view_types.ts";

requireBun();
const { env } = process;
const rest = (): typeof import("./rest.ts") => require("./rest.ts");

export const openLive = (path: string, options: LiveOptions): Promise<LiveView> =>
  rest().openLive(path, options);

const quick = fastOpen(env, Bun.main, rest);
processState().firstLive ??= quick === undefined ? "store" : "native";
export const live: LiveView = quick ?? rest().openProject();
