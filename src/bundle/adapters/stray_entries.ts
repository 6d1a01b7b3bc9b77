/** Entries of another project than the one whose record they get, in bundlers that are given no root. */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { ownEnvironment } from "../../runtime/own_environment.ts";
import { findFile } from "../../store/find.ts";
import { realFilePath } from "../../store/real_path.ts";
import { displayPath } from "./common.ts";
import type { ImmuconfigOptions } from "./options.ts";

/**
 * @param entries as the bundler was given them; what is no file is passed over
 * @returns a warning of each entry that has another record nearer than that of the working folder; none
 * where the file is named
 */
export function strayEntries({ file }: ImmuconfigOptions, entries: readonly string[]): string[] {
  const named = file ?? ownEnvironment()["IMMUCONFIG_FILE"] ?? "";
  const taken = named === "" ? recordFrom(process.cwd()) : undefined;
  if (taken === undefined) return [];
  return entries.flatMap((entry) => {
    const path = resolve(entry);
    const nearest = existsSync(path) ? recordFrom(dirname(path)) : undefined;
    if (nearest === undefined || nearest === taken) return [];
    const [shown, other, own] = [path, nearest, taken].map(displayPath);
    return `${shown} is built with ${own}, and ${other} is nearer to it: name the one that counts, immuconfig({ file: "${other}" })`;
  });
}

function recordFrom(cwd: string): string | undefined {
  try {
    const found = findFile({ cwd, env: {} });
    return found === undefined ? undefined : realFilePath(found);
  } catch (error) {
    // Who reads that file is told what is wrong with it.
    if (error instanceof ImmuconfigError) return undefined;
    throw error;
  }
}
