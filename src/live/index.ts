/** `immuconfig/live` under Node and every other runtime: the project's flags, as they are flipped. */

import { processState } from "../runtime/process_state.ts";
import { mainModule } from "../runtime/main_module.ts";
import { fastOpen } from "./fast_open.ts";
import * as rest from "./rest.ts";
import type { LiveOptions, LiveView } from "./view_types.ts";

export type { LiveOverride, LiveState } from "./state.ts";
export type { ChangesOptions, LiveChange, LiveOptions, LiveView } from "./view_types.ts";

/**
 * Opens the live view of a file, and creates its segment where there is none. Where the segment
 * cannot be had, the file is followed all the same, and `problem` says why.
 *
 * @param path of the file
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_SIGNATURE`; FormatError
 * @example
 * const live = await openLive("bunfig.lockb", { env: process.env });
 * if (live.features.CHECKOUT_V2) …
 */
export const openLive = (path: string, options: LiveOptions): Promise<LiveView> =>
  rest.openLive(path, options);

const { env } = process;
const quick = fastOpen({ env, isOwn: 1, cwd: process.cwd(), main: mainModule() }, () => rest);
processState().firstLive ??= quick === undefined ? "store" : "native";

/**
 * The live view of the project's record. Unlike `config`, it changes while the program runs.
 *
 * @example
 * import { live } from "immuconfig/live";
 * const { features } = live.pin(); // for one request
 * if (features.CHECKOUT_V2) …
 */
export const live: LiveView = quick ?? rest.openProject();
