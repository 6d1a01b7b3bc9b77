/** A change of the project's file, and what follows from it: its live readers and its types. */

import { nanosecondsSince } from "../../base/units.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { LIVE_OPEN_WAIT_MS } from "../../base/limits.ts";
import type { Change } from "../../format/edit/change.ts";
import { publishIfLive } from "../../live/publish_if_live.ts";
import { type Update, updateFile } from "../../store/update.ts";
import { verifiedReader } from "../../trust/verified.ts";
import type { Context } from "../command.ts";
import { sealer } from "../signing/seal_change.ts";
import type { KeyRequest } from "../signing/key_options.ts";
import { locate, refusePinned } from "./project_file.ts";
import { requireInRepository } from "./text_file.ts";

/** A durable change and how long it took, from the lock to the synced folder. */
export interface TimedUpdate extends Update {
  readonly nanoseconds: number;
}

export interface ChangeOptions {
  readonly allowFrozen?: boolean;
  /** The key of a file that is signed. */
  readonly key?: KeyRequest;
}

/**
 * Changes the project's file.
 *
 * @throws ImmuconfigError `ERR_PINNED` below a process that pinned it; all that `updateFile` throws
 */
export async function change(
  context: Context,
  apply: Change,
  { key, ...options }: ChangeOptions = {},
): Promise<TimedUpdate> {
  const path = locate(context);
  refusePinned(context, path);
  if (context.file === undefined && context.env["IMMUCONFIG_FILE"] === undefined) {
    requireInRepository(path);
  }
  const seal = await sealer(context, path, key);
  const read = verifiedReader(context.env);
  const start = performance.now();
  const update = await updateFile(path, apply, { read, seal, ...options });
  const nanoseconds = nanosecondsSince(start);
  if (update.after !== update.before) {
    await tellLiveReaders(context, update.path);
    await writeTypes(context, update);
  }
  return { ...update, nanoseconds };
}

/** The file is written, whether its declarations can be or not: `types --check` finds old ones. */
async function writeTypes(context: Context, { path, before, after }: Update): Promise<void> {
  // They say what is in these two: edits that leave both alone, as a switch does, have none to write.
  if (before.flags === after.flags && before.meta === after.meta) return;
  const { rewriteTypes } = await import("./types_file.ts");
  try {
    for (const out of await rewriteTypes(path, before, after)) context.out.note(`Wrote ${out}`);
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    context.out.note(`note: the types were not written: ${error.message}`);
  }
}

/** The file is written, whether its live readers can be told or not: they look by themselves. */
async function tellLiveReaders(context: Context, path: string): Promise<void> {
  try {
    const now = (): number => context.now().getTime();
    await publishIfLive(path, { env: context.env, now, waitMs: LIVE_OPEN_WAIT_MS });
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    context.out.note(`note: live readers were not told: ${error.message}`);
  }
}
