/** Flips as a writer that holds the folder's lock already, and has looked at the segment. */

import { Segment } from "../../src/live/segment_file.ts";

/**
 * @param path of the segment
 * @param name of the flag
 */
export function openFlip(path: string, name: string): (enabled: boolean) => void {
  const segment = Segment.open(path);
  return (enabled) => {
    const { condition, state } = segment.recovered;
    if (state === undefined) throw new Error(`${path} is ${condition}`);
    segment.commit({ ...state, overrides: [{ name, enabled, endMs: 0 }] });
  };
}
