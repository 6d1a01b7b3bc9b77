/** What a new file says. */

import type { File } from "../format/file.ts";
import { NO_FLAGS } from "../format/flag_set.ts";
import { DEFAULT_SCOPE } from "../format/meta.ts";
import { canonicalRegistryUrl, registryHash } from "../format/registry_url.ts";
import { npmRegistry } from "./npm_registry.macro.ts" with { type: "macro" };

/** npm's. */
export const DEFAULT_REGISTRY: string = npmRegistry();

/** The flag that a new file has, off. */
export const DEFAULT_FLAG = { bit: 2, name: "DEBUG" } as const;

export interface NewFile {
  /** In any form; npm's default when left out. */
  readonly registry?: string | undefined;
  readonly project?: string | undefined;
}

/**
 * Config version 1, a cooked terminal of 24 by 80, and one flag, DEBUG, off.
 *
 * @throws ImmuconfigError `ERR_VALUE` for a registry that is no URL
 */
export function defaultFile({ registry = DEFAULT_REGISTRY, project }: NewFile = {}): File {
  const url = canonicalRegistryUrl(registry);
  return {
    record: {
      version: 1,
      registryHash: registryHash(url),
      featureFlags: NO_FLAGS,
      terminalMode: "cooked",
      rows: 24,
      cols: 80,
    },
    generation: 1,
    frozen: false,
    signature: null,
    packages: new Uint8Array(),
    flags: [DEFAULT_FLAG],
    meta: {
      registries: { [DEFAULT_SCOPE]: url },
      ...(project === undefined ? {} : { project }),
    },
    extensions: [],
  };
}
