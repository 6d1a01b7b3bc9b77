/** `bun-config trust add`: shows what it is asked to trust, and waits for a yes. */

import { randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { ImmuconfigError, valueError } from "../../../base/errors.ts";
import { COSIGNATURE_COUNT_MAX } from "../../../base/limits.ts";
import { printable, quote } from "../../../base/text.ts";
import { hexBytes, parseHex } from "../../../format/bytes.ts";
import type { File } from "../../../format/file.ts";
import { isAudience, isDate } from "../../../format/meta.ts";
import { isSealedBy, keyIdOf } from "../../../trust/file_signature.ts";
import { readPublicKey } from "../../../trust/keys/public_key.ts";
import {
  encodeTrustFile,
  type KeyRole,
  type ProjectTrust,
  requireRoom,
  type TrustedKey,
} from "../../../trust/trust_file.ts";
import { saysWhoSigns } from "../../../trust/trust_policy.ts";
import { updateUserTrust } from "../../../trust/trust_store.ts";
import { type CommandArguments, parseNumber, unknownWord } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { requireAgreement } from "../../prompt/agree.ts";
import { ownKeys } from "../../signing/own_keys.ts";
import {
  describeKey,
  entryFor,
  readUnjudged,
  requireNotRevoked,
  userProjects,
} from "./trust_entry.ts";

export interface AddRequest {
  readonly action: "add";
  /** As the user wrote it; undefined for the key that signed the file. */
  readonly key: string | undefined;
  readonly role: KeyRole;
  readonly name: string | undefined;
  readonly until: string | undefined;
  readonly threshold: number | undefined;
  readonly audience: string | undefined;
}

export function parseAdd(args: CommandArguments, key: string | undefined): AddRequest {
  const role = args.value("role") ?? "record";
  if (role !== "record" && role !== "online") throw unknownWord("role", role, ["record", "online"]);
  const until = args.value("until");
  if (until !== undefined && !isDate(until)) {
    throw valueError(`${quote(until)} is not a day`, "Write YYYY-MM-DD.");
  }
  const audience = args.value("audience");
  if (audience !== undefined && !isAudience(audience)) {
    throw valueError(`${quote(audience)} is not the name of an audience`);
  }
  const threshold = args.value("threshold");
  const number = threshold === undefined ? undefined : parseNumber(threshold, "number of keys");
  if (number === 0) throw valueError("0 keys would protect nothing", "Give 1 or more.");
  if (number !== undefined && number > COSIGNATURE_COUNT_MAX) {
    throw valueError(
      `${number} keys cannot sign one file`,
      `It has room for the signatures of ${COSIGNATURE_COUNT_MAX}.`,
    );
  }
  return { action: "add", key, role, name: args.value("name"), until, threshold: number, audience };
}

export async function addKey(
  context: Context,
  request: AddRequest,
  agreed: boolean,
): Promise<void> {
  const { path, bytes, file } = readUnjudged(context);
  const { project } = file.meta;
  if (project === undefined) {
    throw valueError(
      `${path} does not say which project it is for`,
      "Keys are trusted for one project: bun-config set project NAME.",
    );
  }
  const publicKey =
    request.key === undefined ? offeredKey(bytes, file) : await namedKey(context, request.key);
  const folder = dirname(path);
  const before = entryFor(userProjects(context), project, folder);
  if (before !== undefined) requireNotRevoked(before, publicKey);
  const key: TrustedKey = {
    publicKey,
    role: request.role,
    ...(request.name === undefined ? {} : { name: request.name }),
    ...(request.until === undefined ? {} : { until: request.until }),
  };
  const after = withKey(before, project, folder, key, request);
  requireRoom(after);
  await requireAgreement(context, describeAdd(before, after, key, folder), "Trust it?", agreed);
  await updateUserTrust(context.env, (projects) => {
    requireSame(before, entryFor(projects, project, folder));
    return [...projects.filter(({ id }) => id !== after.id), after];
  });
  context.out.done(
    {
      project,
      folder,
      id: hexBytes(keyIdOf(publicKey)),
      public: hexBytes(publicKey),
      role: key.role,
    },
    `Trusted for ${printable(project)} in ${printable(folder)}`,
  );
}

/** What was agreed to is what was shown: a key that was revoked meanwhile must not come back with it. */
function requireSame(shown: ProjectTrust | undefined, now: ProjectTrust | undefined): void {
  const [before, after] = [shown, now].map((entry) =>
    encodeTrustFile(entry === undefined ? [] : [entry]),
  );
  if (before === after) return;
  throw new ImmuconfigError("ERR_CONFLICT", "what you trust about the project changed meanwhile", {
    hint: "Run the command again, and look at what it shows.",
  });
}

function withKey(
  before: ProjectTrust | undefined,
  project: string,
  folder: string,
  key: TrustedKey,
  request: AddRequest,
): ProjectTrust {
  const hex = hexBytes(key.publicKey);
  const audience = request.audience ?? before?.audience;
  return {
    id: before?.id ?? randomBytes(16).toString("hex"),
    project,
    folders: [...new Set([...(before?.folders ?? []), folder])],
    threshold: request.threshold ?? before?.threshold ?? 1,
    ...(audience === undefined ? {} : { audience }),
    keys: [...(before?.keys ?? []).filter(({ publicKey }) => hexBytes(publicKey) !== hex), key],
    revoked: before?.revoked ?? [],
  };
}

function describeAdd(
  before: ProjectTrust | undefined,
  trust: ProjectTrust,
  key: TrustedKey,
  folder: string,
): string {
  const isLetGo = before !== undefined && saysWhoSigns(before) && !saysWhoSigns(trust);
  const record = trust.keys.filter(({ role }) => role === "record").length;
  return [
    `Project ${printable(trust.project)} in ${printable(folder)}`,
    `  ${describeKey(key)}`,
    key.role === "record"
      ? `From then on every record in or below this folder must be signed by ${trust.threshold} of ${record} keys, for ${printable(trust.project)}` +
        (trust.audience === undefined ? "." : `, for the audience ${trust.audience}.`)
      : "It signs no files: it may switch the flags that the record lets it, for a while.",
    ...(isLetGo
      ? [
          `No other key is left: unsigned records of ${printable(trust.project)} are believed again.`,
        ]
      : []),
    "Compare the key with what its owner tells you in person.",
  ].join("\n");
}

/** The key that signed the file, if the file says which that is, and it is true. */
function offeredKey(bytes: Uint8Array, { signature, meta }: File): Uint8Array {
  if (signature === null) {
    throw new ImmuconfigError("ERR_KEY", "the file is not signed, so it offers no key to trust", {
      hint: "Name the key: bun-config trust add KEY.",
    });
  }
  const id = hexBytes(signature.keyId);
  for (const text of meta.signed?.keys ?? []) {
    const key = parseHex(text);
    if (key === undefined || hexBytes(keyIdOf(key)) !== id) continue;
    const publicKey = readPublicKey(text);
    if (isSealedBy(bytes, signature, publicKey)) return publicKey;
  }
  throw new ImmuconfigError(
    "ERR_KEY",
    `the file is signed by key ${id}, and does not hold that key`,
    {
      hint: "Ask its owner for the public key: bun-config trust add KEY.",
    },
  );
}

/** A public key, or one of the user's own by name or id. */
async function namedKey(context: Context, text: string): Promise<Uint8Array> {
  const own = (await ownKeys(context)).find(({ name, id }) => text === name || text === id);
  return own?.publicKey ?? readPublicKey(text);
}
