/** Every bound that immuconfig enforces on bytes and values from outside. */

/** Bytes after the header: package records and sections. */
export const BODY_SIZE_MAX = 8 * 1024 * 1024;
export const PACKAGE_COUNT_MAX = 2 ** 17;
export const SECTION_COUNT_MAX = 64;

export const FLAG_COUNT_MAX = 32;
/** Bytes; names are ASCII. */
export const FLAG_NAME_SIZE_MAX = 62;
/** UTF-8 bytes of a flag's description. */
export const DESCRIPTION_SIZE_MAX = 200;
/** UTF-8 bytes of a flag's owner. */
export const OWNER_SIZE_MAX = 100;
/** UTF-8 bytes of the project's name; npm allows 214. */
export const PROJECT_NAME_SIZE_MAX = 214;
/** Characters of a canonical registry URL. */
export const REGISTRY_URL_SIZE_MAX = 2048;
export const REGISTRY_COUNT_MAX = 256;

/** The newest config version this release understands. */
export const CONFIG_VERSION_MAX = 1;
export const GENERATION_MAX = 0xffff_ffff;

/** How deep a folder can lie below the one that holds the file. */
export const FIND_DEPTH_MAX = 64;
/** Records in one `IMMUCONFIG_PIN`. */
export const PIN_COUNT_MAX = 16;
/** How long a writer waits for the lock before it gives up, in milliseconds. */
export const LOCK_WAIT_MS = 30_000;

/** The longest life of a live override, in milliseconds. */
export const LIVE_OVERRIDE_MS_MAX = 366 * 24 * 60 * 60 * 1000;
/** How often a live view looks whether its files were replaced, in milliseconds. */
export const LIVE_CHECK_MS = 250;
/** How often `live.changes()` looks by default, in milliseconds. */
export const LIVE_CHANGES_MS = 5;
/** How often a reader tries to copy a state that writers change under its hands. */
export const LIVE_COPY_TRIES_MAX = 100;
/** How long a reader waits for a writer when it creates or mends a segment, in milliseconds. */
export const LIVE_OPEN_WAIT_MS = 1000;

/** How long one run of git may take, in milliseconds. */
export const GIT_TIMEOUT_MS = 30_000;
/** Bytes of output of one run of git; file contents have their own limit. */
export const GIT_OUTPUT_SIZE_MAX = 16 * 1024 * 1024;
/** Versions that `log` shows at most. */
export const HISTORY_COUNT_MAX = 10_000;
