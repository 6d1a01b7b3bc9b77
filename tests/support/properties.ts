/** What the property tests share. */

/** The same cases in every run, so that a failure can be repeated. */
export const SEED = 0x42554e31;
