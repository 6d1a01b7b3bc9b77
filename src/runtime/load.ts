/** What programs load by themselves: files into what they see of a record. */

import { dirname } from "node:path";
import { requireBun } from "../base/bun_version.ts";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import type { File } from "../format/file.ts";
import { recordToText } from "../format/record.ts";
import { requireFile, type Surroundings } from "../store/find.ts";
import { readFileBytes } from "../store/read.ts";
import { requireAsListed } from "../trust/gate/installed.ts";
import { trustStamp } from "../trust/trust_store.ts";
import { verifyBytes } from "../trust/verified.ts";
import { realFilePath } from "../store/real_path.ts";
import { PIN_VARIABLE } from "./children.ts";
import type { Config } from "./config.ts";
import { type LoadedRecord, loadRecord } from "./loaded_record.ts";
import { mainModule } from "./main_module.ts";
import { laterEnvironment, ownEnvironment } from "./own_environment.ts";
import { findPin, pinInForce } from "./pin.ts";
import { programFolder } from "./program.ts";
import { snapshot } from "./snapshot.ts";

/** Where this process looks for its record: from its own place, then from its working folder. */
export function ownSurroundings(): Surroundings {
  const cwd = process.cwd();
  return { cwd, env: ownEnvironment(), program: programFolder(mainModule(), cwd) };
}

/**
 * The record of this process by the store and the codec, which say what is wrong.
 *
 * @throws what `loadRecord` throws; ImmuconfigError `ERR_BUN_VERSION`
 */
export function loadOwnRecord(): LoadedRecord {
  requireBun();
  return loadRecord(ownSurroundings());
}

/** What a program asks of the file that it loads. */
export interface LoadOptions {
  /** Of the file; the one that `config` would be read from by default. */
  readonly path?: string;
  /**
   * `"required"`: the file must be signed by keys that are trusted here, and where it lists packages,
   * bun.lock, the settings and what is installed must be as it says.
   */
  readonly trust?: "required";
}

/**
 * Loads a configuration file, synchronously.
 *
 * Loading the same bytes again gives the same object.
 *
 * @param from path of the file, or more than that; the one that `config` would be read from by default
 * @returns the frozen view: of the record that a parent process pinned for this file, or else of
 * the file's own
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_PIN`, `ERR_SIGNATURE`, `ERR_PACKAGES`;
 * FormatError
 * @example
 * const config = load("./bunfig.lockb");
 * if (config.features.DEBUG) console.log(config.registry.url);
 * @example
 * const config = load({ trust: "required" });
 */
export function load(from: string | LoadOptions = {}): Config {
  const options: LoadOptions = typeof from === "string" ? { path: from } : from;
  const { path = requireFile(ownSurroundings()), trust } = options;
  const bytes = readFileBytes(path);
  const env = laterEnvironment();
  if (trust === "required") return loadTrusted(bytes, path, env);
  if (last !== undefined && isSame(last, bytes, path, env)) return last.config;
  const kept = bytes.slice();
  const file = verifyBytes(kept, path, env);
  const config = snapshot(file, pinInForce(env, path, file)?.record);
  last = { path, bytes: kept, pin: env[PIN_VARIABLE], trust: trustStamp(env), config };
  return config;
}

/** What a parent pinned must be the same: nothing is believed that nobody signed. */
function loadTrusted(bytes: Uint8Array, path: string, env: Environment): Config {
  const file = verifyBytes(bytes, path, env, { required: true });
  const pin = findPin(env, path);
  if (pin !== undefined && recordToText(pin.record) !== recordToText(file.record)) {
    throw new ImmuconfigError(
      "ERR_SIGNATURE",
      `${path} is signed, and ${PIN_VARIABLE} says something else`,
      { hint: `Start the program without ${PIN_VARIABLE}.` },
    );
  }
  requireAsListed(dirname(realFilePath(path)), file.packages);
  return snapshot(file);
}

/**
 * Verifies bytes and gives the frozen view of their record; pins do not apply.
 *
 * @param bytes a whole file
 * @throws FormatError; ImmuconfigError `ERR_SIGNATURE`
 * @example const config = parse(await Bun.file("bunfig.lockb").bytes());
 */
export function parse(bytes: Uint8Array): Config {
  return snapshot(decode(bytes));
}

/**
 * Verifies bytes and gives all that they say: what `encode` takes.
 *
 * @param bytes a whole file
 * @throws FormatError; ImmuconfigError `ERR_SIGNATURE`
 * @example const { flags, meta } = decode(await Bun.file("bunfig.lockb").bytes());
 */
export function decode(bytes: Uint8Array): File {
  return verifyBytes(bytes.slice(), undefined, ownEnvironment());
}

/** The last load, and all that its result depends on. */
interface LastLoad {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly pin: string | undefined;
  readonly trust: string;
  readonly config: Config;
}

let last: LastLoad | undefined;

function isSame(previous: LastLoad, bytes: Uint8Array, path: string, env: Environment): boolean {
  return (
    previous.path === path &&
    previous.pin === env[PIN_VARIABLE] &&
    previous.trust === trustStamp(env) &&
    Buffer.compare(previous.bytes, bytes) === 0
  );
}
