/** Which key a command signs with, and how it is opened. */

import { readSync } from "node:fs";
import { ImmuconfigError } from "../../base/errors.ts";
import { dayOf } from "../../base/units.ts";
import { hexBytes } from "../../format/bytes.ts";
import { keyIdOf, type Signer } from "../../trust/file_signature.ts";
import { openSigner, type PassphraseSource, storedKeys } from "../../trust/keys/key_store.ts";
import { agentKeys, agentSigner } from "../../trust/keys/ssh_agent.ts";
import { currentKeys, type TrustPolicy } from "../../trust/trust_policy.ts";
import type { Context } from "../command.ts";
import type { KeyRequest } from "./key_options.ts";

const PASSPHRASE_SIZE_MAX = 1024;

/** A key of the user's own, wherever it is. */
export interface OwnKey {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly id: string;
  readonly place: "system" | "file" | "ssh-agent";
  open(passphrase: PassphraseSource): Promise<Signer>;
}

/** Every key that this user can sign with. */
export async function ownKeys({ env }: Pick<Context, "env">): Promise<OwnKey[]> {
  const stored = storedKeys(env).map((key) => ({
    name: key.name,
    publicKey: key.publicKey,
    id: hexBytes(keyIdOf(key.publicKey)),
    place: key.place,
    open: (passphrase: PassphraseSource) => openSigner(key, env, passphrase),
  }));
  const inAgent = (await agentKeys(env)).map(({ publicKey, comment }) => ({
    name: comment,
    publicKey,
    id: hexBytes(keyIdOf(publicKey)),
    place: "ssh-agent" as const,
    open: () => Promise.resolve(agentSigner(publicKey, env)),
  }));
  return [...stored, ...inAgent];
}

/**
 * Chooses the key that signs.
 *
 * @param policy of the place, where keys are trusted there: only those are of use
 * @throws ImmuconfigError `ERR_KEY` when there is none, or more than one
 */
export async function chooseKey(
  context: Context,
  { key: wanted }: KeyRequest,
  policy: TrustPolicy | undefined,
): Promise<OwnKey> {
  const all = await ownKeys(context);
  const usable =
    wanted === undefined ? all.filter(({ publicKey }) => isOfUse(context, publicKey, policy)) : all;
  const found = usable.filter(
    (key) => wanted === undefined || [key.name, key.id, hexBytes(key.publicKey)].includes(wanted),
  );
  const [only, other] = found;
  if (only !== undefined && other === undefined) return only;
  const names = (found.length === 0 ? all : found).map(({ name, id }) => `${name} (${id})`);
  throw new ImmuconfigError(
    "ERR_KEY",
    only !== undefined
      ? `several keys could sign: ${names.join(", ")}`
      : `no key of yours ${wanted === undefined ? "is trusted to sign here" : `is called ${wanted}`}`,
    {
      hint:
        names.length === 0
          ? "Make one with `bun-config key new NAME`."
          : `Say which with --key. Yours are ${names.join(", ")}.`,
    },
  );
}

function isOfUse(
  { now }: Context,
  publicKey: Uint8Array,
  policy: TrustPolicy | undefined,
): boolean {
  if (policy === undefined) return true;
  return currentKeys(policy.trust, "record", dayOf(now())).some(
    (key) => hexBytes(key.publicKey) === hexBytes(publicKey),
  );
}

/** Where passphrases come from: the descriptor that the user named, or the terminal. */
export function passphraseSource(context: Context, { passphraseFd }: KeyRequest): PassphraseSource {
  let given: string | undefined;
  return async (what, isNew = false) => {
    if (passphraseFd !== undefined) return (given ??= readPassphrase(passphraseFd));
    if (!context.interactive) {
      throw new ImmuconfigError("ERR_KEY", `nobody is there to give the passphrase of ${what}`, {
        hint: "Use --passphrase-fd, a key in ssh-agent, or one in the system's store.",
      });
    }
    const passphrase = await context.askSecret(`Passphrase of ${what}: `);
    if (isNew && passphrase !== (await context.askSecret("The same again: "))) {
      throw new ImmuconfigError("ERR_KEY", "the two passphrases differ", { hint: "Try again." });
    }
    return notEmpty(passphrase);
  };
}

/** The first line of what a descriptor gives. */
function readPassphrase(descriptor: number): string {
  const bytes = Buffer.alloc(PASSPHRASE_SIZE_MAX + 1);
  let size = 0;
  try {
    for (let count = -1; count !== 0 && size < bytes.length; size += count) {
      count = readSync(descriptor, bytes, size, bytes.length - size, null);
    }
  } catch (cause) {
    throw new ImmuconfigError("ERR_KEY", `cannot read the passphrase from ${descriptor}`, {
      hint: "Open the descriptor for the command: 3< FILE.",
      cause,
    });
  }
  if (size > PASSPHRASE_SIZE_MAX) {
    throw new ImmuconfigError("ERR_KEY", "the passphrase is too long", { hint: "Try again." });
  }
  return notEmpty(bytes.toString("utf8", 0, size).split(/\r?\n/, 1)[0] ?? "");
}

function notEmpty(passphrase: string): string {
  if (passphrase !== "") return passphrase;
  throw new ImmuconfigError("ERR_KEY", "the passphrase is empty", {
    hint: "A key without a passphrase belongs in the system's store: --store system.",
  });
}
