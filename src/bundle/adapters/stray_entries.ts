/** Entries of another project than the one whose record they get, where a bundler is given no root. */

import { dirname, resolve } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { ownEnvironment } from "../../runtime/own_environment.ts";
import { findFile } from "../../store/find.ts";
import { realFilePath } from "../../store/real_path.ts";
import { displayPath, type PlacedOptions } from "./common.ts";

/**
 * @param entries as the bundler was given them, also without their endings
 * @returns a warning of each entry that has another record nearer than that of the working folder; none
 * where the file is named, or a root that lies elsewhere says whose it is
 */
export function strayEntries({ file, place }: PlacedOptions, entries: readonly string[]): string[] {
  const cwd = process.cwd();
  const named = file ?? ownEnvironment()["IMMUCONFIG_FILE"] ?? "";
  const isSettled = named !== "" || resolve(place?.root ?? "") !== cwd;
  const taken = isSettled ? undefined : recordFrom(cwd);
  if (taken === undefined) return [];
  return [...new Set(entries)].flatMap((entry) => {
    const path = resolve(entry);
    const nearest = recordFrom(dirname(path));
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
