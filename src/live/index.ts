/** `immuconfig/live`: the project's flags, as other processes flip them. */

import { requireFile } from "../store/find.ts";
import { type LiveView, openLive } from "./view.ts";

export type { LiveOverride, LiveState } from "./state.ts";
export type { ChangesOptions, LiveChange, LiveOptions, LiveView } from "./view.ts";
export { openLive };

/**
 * The live view of the project's record. Unlike `config`, it changes while the program runs.
 *
 * @example
 * import { live } from "immuconfig/live";
 * const { features } = live.pin(); // for one request
 * if (features.CHECKOUT_V2) …
 */
export const live: LiveView = await openLive(
  requireFile({ cwd: process.cwd(), env: process.env }),
  { env: process.env },
);
