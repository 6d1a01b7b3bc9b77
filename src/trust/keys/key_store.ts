/**
 * The user's own signing keys. A private key lies in the system's secret store, or encrypted under a
 * passphrase in the user's configuration folder; beside it a small file says which key it is. Nothing
 * of it ever lies in a project.
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { KeyObject } from "node:crypto";
import type { Environment } from "../../base/environment.ts";
import { configFolder } from "../../base/user_folders.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { cannotRead, isMissing } from "../../base/fs_errors.ts";
import { KEY_FILE_SIZE_MAX, KEY_NAME_SIZE_MAX } from "../../base/limits.ts";
import { hexBytes } from "../../format/bytes.ts";
import { createFile } from "../../store/durable_write.ts";
import { parseJsonObject } from "../../base/json.ts";
import { quote, shellWord } from "../../base/text.ts";
import { keyIdOf, parsePublicKey, type Signer } from "../file_signature.ts";
import {
  makeOwnFolder,
  OTHERS_READ_OR_WRITE,
  readTrustedFile,
  requireHome,
} from "../owned_file.ts";
import { decryptPrivateKey, encryptPrivateKey, publicKeyOf, signerOf } from "./private_key.ts";
import { getSecret, setSecret } from "./system_secrets.ts";

export type KeyPlace = "system" | "file";

/** What is known of a key without opening it. */
export interface StoredKey {
  readonly name: string;
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly place: KeyPlace;
  /** `YYYY-MM-DD` */
  readonly created: string;
}

/**
 * Gives the passphrase of a key, by asking or from where the user said.
 *
 * @param isNew of one that is being chosen, which is asked for twice
 */
export type PassphraseSource = (what: string, isNew?: boolean) => Promise<string>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const SECRET_FILE = { mode: 0o600 };

/**
 * The user's keys, in the order of their names.
 *
 * @throws ImmuconfigError `ERR_KEY` for a file that says something else than a key; `ERR_READ`
 */
export function storedKeys(env: Environment): StoredKey[] {
  const folder = keyFolder(env);
  if (folder === undefined) return [];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw cannotRead(folder, error);
  }
  return names
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => readStoredKey(folder, name.slice(0, -".json".length)));
}

/**
 * Keeps a key.
 *
 * @param passphrase asked for where the key is kept in a file
 * @throws ImmuconfigError `ERR_VALUE` for a name that cannot be one; `ERR_EXISTS`; `ERR_KEY` when the
 * system has no secret store; `ERR_WRITE`
 */
export async function storeKey(
  key: KeyObject,
  { name, place, created }: Omit<StoredKey, "publicKey">,
  env: Environment,
  passphrase: PassphraseSource,
): Promise<StoredKey> {
  checkName(name);
  const folder = requireHome(keyFolder(env));
  makeOwnFolder(folder, OTHERS_READ_OR_WRITE);
  const publicKey = publicKeyOf(key);
  const stored: StoredKey = { name, publicKey, place, created };
  if (storedKeys(env).some((other) => other.name === name)) throw existsError(name);
  if (place === "system") {
    await setSecret(
      secretName(stored),
      key.export({ format: "der", type: "pkcs8" }).toString("base64"),
    );
  } else {
    const path = join(folder, `${name}.pem`);
    // Of a command that was ended between its two files.
    if (existsSync(path)) throw halfKey(path);
    const pem = encryptPrivateKey(key, await passphrase(`the new key ${name}`, true));
    createFile(path, Buffer.from(pem), SECRET_FILE);
  }
  const about = { public: hexBytes(publicKey), place, created };
  createFile(join(folder, `${name}.json`), Buffer.from(`${JSON.stringify(about)}\n`), SECRET_FILE);
  return stored;
}

/**
 * Opens a key.
 *
 * @throws ImmuconfigError `ERR_KEY` for a wrong passphrase, a key that is gone, or one that is another
 * than its file says
 */
export async function openKey(
  stored: StoredKey,
  env: Environment,
  passphrase: PassphraseSource,
): Promise<KeyObject> {
  const { name, place, publicKey } = stored;
  const what = `the key ${name}`;
  const key =
    place === "system"
      ? decryptPrivateKey(derToPem(await getSecret(secretName(stored), what)), undefined, what)
      : decryptPrivateKey(readPem(name, env), await passphrase(what), what);
  if (hexBytes(publicKeyOf(key)) === hexBytes(publicKey)) return key;
  throw new ImmuconfigError("ERR_KEY", `${what} is another than its file says`, {
    hint: "Somebody changed the folder of keys: restore it, or make a new key.",
  });
}

export async function openSigner(
  stored: StoredKey,
  env: Environment,
  passphrase: PassphraseSource,
): Promise<Signer> {
  return signerOf(await openKey(stored, env, passphrase));
}

/** The encrypted key's text, as it lies in the folder. */
export function readPem(name: string, env: Environment): string {
  const path = join(requireHome(keyFolder(env)), `${name}.pem`);
  return readTrustedFile(path, KEY_FILE_SIZE_MAX, { secret: true }) ?? missing(path);
}

function keyFolder(env: Environment): string | undefined {
  const folder = configFolder(env);
  return folder === undefined ? undefined : join(folder, "keys");
}

function readStoredKey(folder: string, name: string): StoredKey {
  const path = join(folder, `${name}.json`);
  checkName(name);
  const text = readTrustedFile(path, KEY_FILE_SIZE_MAX) ?? missing(path);
  const { public: hex, place, created } = parseJsonObject(text) ?? {};
  const isPlace = place === "system" || place === "file";
  if (typeof hex === "string" && isPlace && typeof created === "string") {
    return { name, publicKey: parsePublicKey(hex), place, created };
  }
  throw new ImmuconfigError("ERR_KEY", `${path} does not say which key it is about`, {
    hint: "Restore the folder of keys, or take this file away.",
  });
}

function missing(path: string): never {
  throw new ImmuconfigError("ERR_KEY", `${path} is gone`, {
    hint: "Restore it from a copy, or make a new key and rotate to it.",
  });
}

function checkName(name: string): void {
  if (name.length <= KEY_NAME_SIZE_MAX && NAME.test(name)) return;
  throw new ImmuconfigError("ERR_VALUE", `${quote(name)} cannot be a key's name`, {
    hint: `A name has letters, digits, ".", "_", "-", at most ${KEY_NAME_SIZE_MAX} of them.`,
  });
}

function existsError(name: string): ImmuconfigError {
  return new ImmuconfigError("ERR_EXISTS", `there is a key ${name} already`, {
    hint: "Choose another name, or see `bun-config key list`.",
  });
}

function halfKey(path: string): ImmuconfigError {
  const message = `${path} is there already, without the file that says which key it is`;
  return new ImmuconfigError("ERR_EXISTS", message, {
    hint: `Keep what it holds under another name, bun-config key import NAME ${shellWord(path)}, and take it away.`,
  });
}

/** The name in the system's store: the key's own, so that two users of one store do not meet. */
function secretName({ publicKey }: StoredKey): string {
  return hexBytes(keyIdOf(publicKey));
}

function derToPem(base64: string): string {
  return `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
}
