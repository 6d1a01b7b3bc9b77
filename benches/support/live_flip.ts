/** Flips as a writer that holds the folder's lock already. */

import { Segment } from "../../src/live/segment_file.ts";

/**
 * @param path of the segment
 * @param name of the flag
 */
export function openFlip(path: string, name: string): (enabled: boolean) => void {
  return (enabled) => {
    const segment = Segment.open(path);
    const { state } = segment.recovered;
    if (state === undefined) throw new Error(`${path} is ${segment.recovered.condition}`);
    segment.commit({ ...state, overrides: [{ name, enabled, endMs: 0 }] });
    segment.close();
  };
}
