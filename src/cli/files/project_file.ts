/** How commands reach the project's file. */

import { ImmuconfigError } from "../../base/errors.ts";
import { type Change } from "../../format/edit/change.ts";
import type { File } from "../../format/file.ts";
import { recordToText } from "../../format/record.ts";
import { LIVE_OPEN_WAIT_MS } from "../../base/limits.ts";
import { findPin, heededPin, type Pin } from "../../runtime/pin.ts";
import { requireFile } from "../../store/find.ts";
import type { Update } from "../../store/update.ts";
import { readConfigFile, verifiedReader } from "../../trust/verified.ts";
import type { Context } from "../command.ts";
import type { KeyRequest } from "../signing/own_keys.ts";

/** @throws ImmuconfigError `ERR_NOT_FOUND` */
export function locate({ cwd, env, file }: Context): string {
  return requireFile({ cwd, env, file });
}

export interface OpenedFile {
  readonly path: string;
  readonly file: File;
  /** What a parent process pinned for this file. */
  readonly pin: Pin | undefined;
}

/** Finds, reads and verifies the file. */
export function open(context: Context): OpenedFile {
  const path = locate(context);
  const file = readConfigFile(path, context.env);
  return { path, file, pin: heededPin(context.env, path, file) };
}

/** A durable change and how long it took, from the lock to the synced folder. */
export interface TimedUpdate extends Update {
  readonly nanoseconds: number;
}

/**
 * Changes the project's file.
 *
 * @throws ImmuconfigError `ERR_PINNED` below a process that pinned it; all that `updateFile` throws
 */
export async function change(
  context: Context,
  apply: Change,
  { key, ...options }: { allowFrozen?: boolean; key?: KeyRequest } = {},
): Promise<TimedUpdate> {
  const path = locate(context);
  refusePinned(context, path);
  const { updateFile } = await import("../../store/update.ts");
  const { sealer } = await import("../signing/seal_change.ts");
  const seal = await sealer(context, path, key);
  const read = verifiedReader(context.env);
  const start = Bun.nanoseconds();
  const update = await updateFile(path, apply, { read, seal, ...options });
  const nanoseconds = Bun.nanoseconds() - start;
  if (update.after !== update.before) {
    await tellLiveReaders(context, update.path);
    await writeTypes(context, update);
  }
  return { ...update, nanoseconds };
}

/** The file is written, whether its declarations can be or not: `types --check` finds old ones. */
async function writeTypes(context: Context, { path, before, after }: Update): Promise<void> {
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
  const { publishIfLive } = await import("../../live/writer.ts");
  try {
    const now = (): number => context.now().getTime();
    await publishIfLive(path, { env: context.env, now, waitMs: LIVE_OPEN_WAIT_MS });
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    context.out.note(`note: live readers were not told: ${error.message}`);
  }
}

/** @throws ImmuconfigError `ERR_PINNED` */
export function refusePinned(context: Context, path: string): void {
  const pin = findPin(context.env, path);
  if (pin === undefined) return;
  throw new ImmuconfigError(
    "ERR_PINNED",
    `a parent process runs on record ${recordToText(pin.record)} of ${path}, so it cannot change here`,
    { hint: "Change it outside that process, or start the command with IMMUCONFIG_PIN=off." },
  );
}
