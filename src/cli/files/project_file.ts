/** How commands reach the project's file. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { File } from "../../format/file.ts";
import { recordToText } from "../../format/record.ts";
import { findPin, pinInForce, type Pin } from "../../runtime/pin.ts";
import { requireFile } from "../../store/find.ts";
import { readConfigFile } from "../../trust/verified.ts";
import type { Context } from "../command.ts";

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
  return { path, file, pin: pinInForce(context.env, path, file) };
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
