/** What the command's exit status says (docs/cli/common.md, "Exit codes"). */

import type { ErrorCode } from "../../base/errors.ts";

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  integrity: 4,
  refused: 5,
  busy: 6,
} as const;

export const EXIT_OF_ERROR: Readonly<Record<ErrorCode, number>> = {
  ERR_FORMAT: EXIT.integrity,
  ERR_SIGNATURE: EXIT.integrity,
  ERR_PIN: EXIT.integrity,
  ERR_VALUE: EXIT.usage,
  ERR_USAGE: EXIT.usage,
  ERR_NOT_FOUND: EXIT.notFound,
  ERR_EXISTS: EXIT.failed,
  ERR_UNSAFE_NAME: EXIT.refused,
  ERR_READ: EXIT.failed,
  ERR_WRITE: EXIT.failed,
  ERR_LOCK: EXIT.failed,
  ERR_UNSUPPORTED: EXIT.failed,
  ERR_ABI: EXIT.failed,
  ERR_BUN_VERSION: EXIT.refused,
  ERR_BUSY: EXIT.busy,
  ERR_FROZEN: EXIT.refused,
  ERR_PINNED: EXIT.refused,
  ERR_DOWNGRADE: EXIT.refused,
  ERR_RETIRED: EXIT.refused,
  ERR_LIVE: EXIT.integrity,
  ERR_CONFLICT: EXIT.failed,
  ERR_SOURCE: EXIT.failed,
  ERR_BUNDLER: EXIT.failed,
  ERR_SUBPROCESS: EXIT.failed,
  ERR_NETWORK: EXIT.failed,
  ERR_REGISTRY: EXIT.failed,
  ERR_DIGEST: EXIT.integrity,
  ERR_PACKAGES: EXIT.integrity,
  ERR_PROVENANCE: EXIT.integrity,
  ERR_ARCHIVE: EXIT.integrity,
  ERR_PROGRAM: EXIT.integrity,
  ERR_MANAGED: EXIT.refused,
  ERR_INTERNAL: EXIT.failed,
};
