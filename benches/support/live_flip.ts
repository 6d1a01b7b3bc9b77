/** Flips as a writer that holds the folder's lock already. */

import { commitState, openSegment, recoverSegment } from "../../src/live/segment_file.ts";
import { segmentPath } from "../../src/live/segment_path.ts";

/**
 * @param folder of the live segments
 * @param mask of the flag
 */
export function openFlip(folder: string, file: string, mask: number): (enabled: boolean) => void {
  const path = segmentPath(folder, file);
  const descriptor = openSegment(path);
  if (descriptor === undefined) throw new Error(`there is no segment ${path}`);
  return (enabled) => {
    const recovered = recoverSegment(descriptor);
    if (recovered.state === undefined) throw new Error(`${path} is ${recovered.condition}`);
    const overrideValue = enabled ? mask : 0;
    const next = { ...recovered.state, overrideMask: mask, overrideValue };
    commitState(path, descriptor, recovered, next);
  };
}
