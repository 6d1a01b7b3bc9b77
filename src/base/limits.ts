/** Every bound that immuconfig enforces on bytes and values from outside. */

/** Bytes after the header: package records and sections. */
export const BODY_SIZE_MAX = 8 * 1024 * 1024;
export const PACKAGE_COUNT_MAX = 2 ** 17;
export const SECTION_COUNT_MAX = 64;

/** A multiple of 32. */
export const FLAG_COUNT_MAX = 1024;
/** Bytes; names are ASCII. */
export const FLAG_NAME_SIZE_MAX = 60;
/** UTF-8 bytes of a flag's description. */
export const DESCRIPTION_SIZE_MAX = 200;
/** UTF-8 bytes of a flag's owner. */
export const OWNER_SIZE_MAX = 100;
/** UTF-8 bytes of the project's name; npm allows 214. */
export const PROJECT_NAME_SIZE_MAX = 214;
/** Characters of a registry's scope with its `@`. */
export const SCOPE_SIZE_MAX = 214;
/** Characters of a canonical registry URL. */
export const REGISTRY_URL_SIZE_MAX = 2048;
export const REGISTRY_COUNT_MAX = 256;
/** Audiences of a signed file, and keys that it names. */
export const SIGNED_NAME_COUNT_MAX = 16;
/** Characters of an audience's name. */
export const AUDIENCE_SIZE_MAX = 64;
/** Signatures beside the one in the header. */
export const COSIGNATURE_COUNT_MAX = 16;

/** Digits of each of the three numbers of a version. */
export const VERSION_PART_DIGITS_MAX = 6;
/** The newest config version this release understands. */
export const CONFIG_VERSION_MAX = 1;
export const GENERATION_MAX = 0xffff_ffff;

/** Folders that the search for the file looks into, the working folder first. */
export const FIND_DEPTH_MAX = 64;
/** Records in one `IMMUCONFIG_PIN`. */
export const PIN_COUNT_MAX = 16;
/** How long a writer waits for the lock before it gives up, in milliseconds. */
export const LOCK_WAIT_MS = 30_000;

/** Bytes of a live segment. */
export const LIVE_SEGMENT_SIZE = 16384;
/** Overrides that one segment holds. */
export const LIVE_OVERRIDE_COUNT_MAX = 112;
/** Characters of a signed set of overrides. */
export const OVERRIDE_SET_SIZE_MAX = 64 * 1024;
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

/** Bytes of a source, and of a file that a bundler wrote. */
export const SOURCE_FILE_SIZE_MAX = 64 * 1024 * 1024;

/** How long one program that `doctor --run` starts may take, in milliseconds. */
export const DOCTOR_WAIT_MS = 120_000;

/** Bytes of an `.env` file, or of the variables that a process was started with. */
export const ENVIRONMENT_SIZE_MAX = 16 * 1024 * 1024;
/** How long one run of git may take, in milliseconds. */
export const GIT_TIMEOUT_MS = 8_000;
/** The same for a walk through a file's history. */
export const GIT_HISTORY_TIMEOUT_MS = 30_000;
/** Bytes of output of one run of git; file contents have their own limit. */
export const GIT_OUTPUT_SIZE_MAX = 16 * 1024 * 1024;
/** Versions that `log` shows at most. */
export const HISTORY_COUNT_MAX = 10_000;

/** Bytes of a registry's answer about one package (a packument). */
export const PACKUMENT_SIZE_MAX = 32 * 1024 * 1024;
/** Bytes of a registry's answer about one release's attestations. */
export const ATTESTATIONS_SIZE_MAX = 4 * 1024 * 1024;
export const ATTESTATION_COUNT_MAX = 16;
/** Bytes of a file of registry keys, or of a Sigstore trusted root. */
export const TRUST_FILE_SIZE_MAX = 1024 * 1024;
/** Bytes of a packed release. Bun 1.4.5 has 52 MB. */
export const TARBALL_SIZE_MAX = 256 * 1024 * 1024;
/** Bytes of the one program that a release holds. Bun 1.4.5 has 107 MB. */
export const PROGRAM_SIZE_MAX = 512 * 1024 * 1024;
/** Bytes of every other file in a release, together. */
export const RELEASE_EXTRAS_SIZE_MAX = 1024 * 1024;
/** How long a registry may take to answer a question, in milliseconds. */
export const REGISTRY_WAIT_MS = 30_000;
/** How long a download may stand still, in milliseconds. */
export const DOWNLOAD_STALL_MS = 30_000;
/** How long a download may take, in milliseconds. */
export const DOWNLOAD_WAIT_MS = 30 * 60_000;
/** Milliseconds between comments on a quiet event stream. */
export const STREAM_BEAT_MS = 30_000;
/** Milliseconds after which an event stream on which nothing came is taken for dead: three comments are missing. */
export const STREAM_SILENCE_MS = 3 * STREAM_BEAT_MS;
/** How often a broken download is taken up again in one run. */
export const DOWNLOAD_ATTEMPTS_MAX = 3;
/** How long a new program may take to report its version, in milliseconds. */
export const PROBE_WAIT_MS = 10_000;
/** Bytes that a new program may print when it reports its version. */
export const PROBE_OUTPUT_MAX = 4096;
/** How long an upgrade waits for another one in the same folder, in milliseconds. */
export const UPGRADE_LOCK_WAIT_MS = 10 * 60_000;
/** Bytes of the log of downgrades, before it starts anew beside its last copy. */
export const UPGRADE_LOG_SIZE_MAX = 1024 * 1024;

/** Bytes of a `bun.lock`. */
export const LOCKFILE_SIZE_MAX = 64 * 1024 * 1024;
/** How deep its values may be nested; Bun's own are 5 deep. */
export const LOCKFILE_DEPTH_MAX = 16;
/** The same for a package.json, in which tools have settings of their own. */
export const MANIFEST_DEPTH_MAX = 64;
/** Folders of packages that are looked at in node_modules. */
export const INSTALLED_COUNT_MAX = 2 ** 18;
/** Keys that a trust file names for one project, trusted or revoked. */
export const TRUST_KEY_COUNT_MAX = 64;
/** Projects in one trust file, and folders of one project. */
export const TRUST_PROJECT_COUNT_MAX = 1024;
/** Bytes of a file that holds or describes one signing key. */
export const KEY_FILE_SIZE_MAX = 16 * 1024;
/** Bytes of a file that holds one token of a control plane. */
export const TOKEN_FILE_SIZE_MAX = 64 * 1024;
/** Bytes of the file with the digests of those whom a relay answers. */
export const TOKEN_LIST_SIZE_MAX = 32 * 1024 * 1024;
/** Bytes of a certificate with its chain, or of its key. */
export const TLS_FILE_SIZE_MAX = 1024 * 1024;
/** Bytes of an exported audit log. */
export const AUDIT_EXPORT_SIZE_MAX = 512 * 1024 * 1024;
/** Characters of the name of a signing key. */
export const KEY_NAME_SIZE_MAX = 64;
/** Bytes of one answer of ssh-agent: OpenSSH's own bound. */
export const SSH_AGENT_ANSWER_SIZE_MAX = 256 * 1024;
/** How long ssh-agent may take, in milliseconds: it may ask its user first. */
export const SSH_AGENT_WAIT_MS = 60_000;
/** Bytes of a `.npmrc`, a `bunfig.toml` or a `.env` that is read for its registries. */
export const SETTINGS_FILE_SIZE_MAX = 1024 * 1024;
/** Keys, tables and lists of a `bunfig.toml`, counted by the signs that begin them. */
export const TOML_PART_COUNT_MAX = 8192;
