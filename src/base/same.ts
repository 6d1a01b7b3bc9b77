/** Whether two values are the same, at any depth. */
export function isSame(a: unknown, b: unknown): boolean {
  // node:util takes longer to load than most commands run.
  const { isDeepStrictEqual } = process.getBuiltinModule("node:util");
  try {
    return isDeepStrictEqual(a, b);
  } catch (error) {
    // What nests too deep to be compared is not known to be the same.
    if (error instanceof RangeError) return false;
    throw error;
  }
}
