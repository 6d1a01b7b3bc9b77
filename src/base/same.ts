/** Whether two values are the same, at any depth. */
export function isSame(a: unknown, b: unknown): boolean {
  // node:util takes longer to load than most commands run.
  return process.getBuiltinModule("node:util").isDeepStrictEqual(a, b);
}
