import { readWhole } from "../../../base/read_file.ts";
import { writeFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { KEY_FILE_SIZE_MAX } from "../../../base/limits.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { cannotWrite } from "../../../base/fs_errors.ts";
import { count, dayOf } from "../../../base/units.ts";
import { quote } from "../../../base/text.ts";
import { hexBytes } from "../../../format/bytes.ts";
import {
  type KeyPlace,
  openKey,
  readPem,
  type StoredKey,
  storedKeys,
  storeKey,
} from "../../../trust/keys/key_store.ts";
import {
  decryptPrivateKey,
  isEncrypted,
  newPrivateKey,
  signerOf,
} from "../../../trust/keys/private_key.ts";
import { keyIdOf } from "../../../trust/file_signature.ts";
import { encodeRotation, signRotation } from "../../../trust/rotation.ts";
import { type CommandArguments, unknownWord, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { KEY_OPTIONS, type KeyRequest, keyRequest } from "../../signing/key_options.ts";
import { ownKeys, passphraseSource } from "../../signing/own_keys.ts";

/** Each action with the options that go with it. */
const ACTIONS = {
  new: ["store", "passphrase-fd"],
  list: [],
  export: ["private"],
  import: ["store", "passphrase-fd"],
  rotate: ["store", "passphrase-fd", "out"],
} as const;
/** Words behind each action. */
const COUNTS: Readonly<Record<keyof typeof ACTIONS, number>> = {
  new: 1,
  list: 0,
  export: 1,
  import: 2,
  rotate: 2,
};

export type KeyCommandRequest = KeyRequest & { readonly place: KeyPlace | undefined } & (
    | { readonly action: "new" | "list" }
    | { readonly action: "export"; readonly secret: boolean }
    | { readonly action: "import"; readonly path: string }
    | { readonly action: "rotate"; readonly to: string; readonly out: string | undefined }
  ) & { readonly name: string };

export const keyCommand: Command<KeyCommandRequest> = {
  usage: [
    "new NAME [--store system|file]",
    "list",
    "export NAME [--private]",
    "import NAME FILE",
    "rotate NAME NEW [--out FILE]",
  ],
  words: Object.keys(ACTIONS),
  takesFiles: true,
  options: {
    store: {
      value: "PLACE",
      summary: "system (its secret store) or file (under a passphrase); default: what works",
    },
    private: { summary: "export the private key, encrypted as it is kept" },
    out: { value: "FILE", summary: "where to write (default: standard output)" },
    "passphrase-fd": KEY_OPTIONS["passphrase-fd"],
  },
  examples: [
    "bun-config key new work",
    "bun-config key list",
    "bun-config key export work",
    "bun-config key rotate work work-2027 --out rotation.json",
  ],
  parse(args) {
    const action = args.action("key", ACTIONS);
    const [name = "", second = "", ...more] = args.operands.slice(1);
    const common = { ...keyRequest(args), place: placeOf(args), name };
    if (args.operands.length !== 1 + COUNTS[action] || more.length > 0) {
      throw usageError(`${action} takes ${count(COUNTS[action], "word")}`);
    }
    switch (action) {
      case "export":
        return { ...common, action, secret: args.has("private") };
      case "import":
        return { ...common, action, path: second };
      case "rotate":
        return { ...common, action, to: second, out: args.value("out") };
      default:
        return { ...common, action };
    }
  },
  async run(context, request) {
    switch (request.action) {
      case "new":
        return report(context, await keep(context, newPrivateKey(), request.name, request), "Made");
      case "list":
        return list(context);
      case "export":
        return exportKey(context, request.name, request.secret);
      case "import":
        return importKey(context, request);
      default:
        return rotate(context, request);
    }
  },
};

function placeOf(args: CommandArguments): KeyPlace | undefined {
  const place = args.value("store");
  if (place === undefined || place === "system" || place === "file") return place;
  throw unknownWord("store", place, ["system", "file"]);
}

type PrivateKey = ReturnType<typeof newPrivateKey>;

/** Keeps a key where the user said, or else in the system's store if there is one. */
async function keep(
  context: Context,
  key: PrivateKey,
  name: string,
  request: KeyRequest & { readonly place: KeyPlace | undefined },
  source = passphraseSource(context, request),
): Promise<StoredKey> {
  const { env, now } = context;
  const created = dayOf(now());
  const storeIn = (place: KeyPlace) => storeKey(key, { name, created, place }, env, source);
  if (request.place !== undefined) return storeIn(request.place);
  // Whoever hands over a passphrase wants it used.
  if (request.passphraseFd === undefined) {
    try {
      return await storeIn("system");
    } catch (error) {
      if (!(error instanceof ImmuconfigError && error.code === "ERR_KEY")) throw error;
      context.out.note(`note: ${error.message}; the key is kept under a passphrase`);
    }
  }
  return storeIn("file");
}

function report(context: Context, key: StoredKey, verb: string): void {
  const { name, publicKey, place } = key;
  const id = hexBytes(keyIdOf(publicKey));
  const hex = hexBytes(publicKey);
  context.out.done(
    { name, id, public: hex, place },
    `${verb} key ${name}, id ${id}\npublic key ${hex}`,
  );
}

async function list(context: Context): Promise<void> {
  const keys = await ownKeys(context);
  const lines = keys.map(
    ({ id, place, publicKey, name }) =>
      `${id}  ${place.padEnd(9)}  ${hexBytes(publicKey)}  ${name}`,
  );
  context.out.data(
    {
      keys: keys.map(({ name, id, place, publicKey }) => ({
        name,
        id,
        place,
        public: hexBytes(publicKey),
      })),
    },
    lines.join("\n") || "no key: make one with `bun-config key new NAME`",
  );
}

function find(context: Context, name: string): StoredKey {
  const key = storedKeys(context.env).find((candidate) => candidate.name === name);
  if (key !== undefined) return key;
  throw new ImmuconfigError("ERR_NOT_FOUND", `there is no key ${quote(name)}`, {
    hint: "See `bun-config key list`.",
  });
}

function exportKey(context: Context, name: string, secret: boolean): void {
  const { publicKey, place } = find(context, name);
  const hex = hexBytes(publicKey);
  if (!secret) return context.out.data({ public: hex }, hex);
  if (place !== "file") {
    throw new ImmuconfigError("ERR_KEY", `the key ${name} does not leave the system's store`, {
      hint: "Make another key on the other machine, and rotate or trust both.",
    });
  }
  const pem = readPem(name, context.env).trimEnd();
  context.out.data({ private: pem }, pem);
}

async function importKey(
  context: Context,
  request: Extract<KeyCommandRequest, { action: "import" }>,
): Promise<void> {
  const path = resolve(context.cwd, request.path);
  const pem = new TextDecoder().decode(readWhole(path, KEY_FILE_SIZE_MAX));
  const source = passphraseSource(context, request);
  const key = decryptPrivateKey(pem, isEncrypted(pem) ? await source(path) : undefined, path);
  report(context, await keep(context, key, request.name, request, source), "Imported");
}

async function rotate(
  context: Context,
  request: Extract<KeyCommandRequest, { action: "rotate" }>,
): Promise<void> {
  const old = find(context, request.name);
  const source = passphraseSource(context, request);
  const oldSigner = signerOf(await openKey(old, context.env, source));
  const fresh = newPrivateKey();
  const place = request.place ?? old.place;
  const rotation = await signRotation(oldSigner, signerOf(fresh), dayOf(context.now()));
  const text = encodeRotation(rotation);
  const keepFresh = () => keep(context, fresh, request.to, { ...request, place }, source);
  if (request.out === undefined) {
    await keepFresh();
    return context.out.data(JSON.parse(text), text);
  }
  const path = resolve(context.cwd, request.out);
  // Before the key: without its statement nobody would come to trust it.
  writeNew(path, `${text}\n`);
  let stored: StoredKey;
  try {
    stored = await keepFresh();
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  report(context, stored, "Made");
  context.out.note(`Hand ${path} to all who trust ${request.name}: bun-config trust rotate FILE.`);
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}
