/** `immuconfig/live` under Node and every other runtime: the project's flags, as they are flipped. */

import { processState } from "../runtime/process_state.ts";
import { mainModule } from "../runtime/load.ts";
import { fastOpen } from "./fast_open.ts";
import * as rest from "./rest.ts";
import { openLive, openProject } from "./view.ts";
import type { LiveView } from "./view_types.ts";

export type { LiveOverride, LiveState } from "./state.ts";
export type { ChangesOptions, LiveChange, LiveOptions, LiveView } from "./view_types.ts";
export { openLive };

const quick = fastOpen(process.env, mainModule(), () => rest);
processState().firstLive ??= quick === undefined ? "store" : "native";

/**
 * The live view of the project's record. Unlike `config`, it changes while the program runs.
 *
 * @example
 * import { live } from "immuconfig/live";
 * const { features } = live.pin(); // for one request
 * if (features.CHECKOUT_V2) …
 */
export const live: LiveView = quick ?? openProject();
