/** How commands reach the project's file. */

import { ImmuconfigError } from "../errors.ts";
import type { Change } from "../format/edit.ts";
import type { DecodedFile } from "../format/file.ts";
import { recordToText } from "../format/record.ts";
import { findPin, type Pin } from "../runtime/pin.ts";
import { requireFile } from "../store/find.ts";
import type { Update } from "../store/update.ts";
import { readConfigFile } from "../store/verified.ts";
import type { CommandArguments } from "./arguments.ts";
import type { Context } from "./command.ts";

/** @throws ImmuconfigError `ERR_NOT_FOUND` */
export function locate(context: Context, args: CommandArguments): string {
  return requireFile({ cwd: context.cwd, env: context.env, file: args.value("file") });
}

export interface OpenedFile {
  readonly path: string;
  readonly file: DecodedFile;
  /** What a parent process pinned for this file. */
  readonly pin: Pin | undefined;
}

/** Finds, reads and verifies the file. */
export function open(context: Context, args: CommandArguments): OpenedFile {
  const path = locate(context, args);
  const file = readConfigFile(path, context.env);
  return { path, file, pin: findPin(context.env, path) };
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
  args: CommandArguments,
  apply: Change,
  options: { allowFrozen?: boolean } = {},
): Promise<TimedUpdate> {
  const path = locate(context, args);
  refusePinned(context, path);
  const { updateFile } = await import("../store/update.ts");
  const start = Bun.nanoseconds();
  const update = await updateFile(path, apply, { env: context.env, ...options });
  return { ...update, nanoseconds: Bun.nanoseconds() - start };
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
