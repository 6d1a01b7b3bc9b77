/** The public registry whose keys `@sigstore/tuf` ships; its name is nowhere in this project. */

import seeds from "@sigstore/tuf/seeds.json" with { type: "json" };

const KEYS = "%2Fkeys.json";

/** The URL of that registry. */
export function publicRegistryUrl(): string {
  for (const { targets } of Object.values(seeds)) {
    const name = Object.keys(targets).find((target) => target.endsWith(KEYS));
    if (name !== undefined) return `https://${name.slice(0, -KEYS.length)}`;
  }
  throw new Error("the seed of @sigstore/tuf has no registry keys");
}
