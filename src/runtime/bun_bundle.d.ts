/**
 * `bun:bundle` where no types of Bun are at hand, or old ones: a project that Vite or webpack builds
 * has them nowhere. The same text as in bun-types, with which it merges.
 */
declare module "bun:bundle" {
  interface Registry {}

  /** Whether a flag is on: a literal in what is built. */
  function feature(
    flag: Registry extends { features: infer Features extends string } ? Features : string,
  ): boolean;
}
