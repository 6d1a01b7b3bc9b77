/** The comment that a build leaves in its outputs; minifiers keep it. */

export const MARKER_HEAD = "/*! immuconfig:record:";
export const MARKER_TAIL = " */";

/** The comment that says with which record an output was built. */
export function recordMarker(recordText: string): string {
  return `${MARKER_HEAD}${recordText}${MARKER_TAIL}`;
}
