/** Brings a changed file to its live readers. Most files have none: then what writes segments stays unloaded. */

import { realFilePath } from "../store/real_path.ts";
import { checkFolder, requirePlace } from "./place.ts";
import type { WriterOptions } from "./writer.ts";

/**
 * As `publish`, but only where a segment exists: without one nobody is reading.
 *
 * @param path of the file
 * @returns whether there is one
 * @throws ImmuconfigError as `publish`
 */
export async function publishIfLive(path: string, options: WriterOptions): Promise<boolean> {
  const place = requirePlace(realFilePath(path), options.env);
  if (!checkFolder(place.folder)) return false;
  const { publishToSegment } = await import("./writer.ts");
  return publishToSegment(place, options);
}
