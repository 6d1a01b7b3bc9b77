import { ImmuconfigError, valueError } from "../../../base/errors.ts";
import { COSIGNATURE_COUNT_MAX, SIGNED_NAME_COUNT_MAX } from "../../../base/limits.ts";
import { printable, quote } from "../../../base/text.ts";
import { hexBytes } from "../../../format/bytes.ts";
import { changeText, describeChanges } from "../../../format/describe/changes.ts";
import { decodeUnverified, encodeFile, type File } from "../../../format/file.ts";
import type { Signature } from "../../../format/header.ts";
import { isAudience, isDate } from "../../../format/meta.ts";
import { readFileBytes } from "../../../store/read.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { sealFile } from "../../../store/update.ts";
import { isCosignedBy, keyIdOf, signFile } from "../../../trust/file_signature.ts";
import type { TrustPolicy } from "../../../trust/trust_policy.ts";
import { placePolicy, verifyFile } from "../../../trust/verified.ts";
import type { Command, Context } from "../../command.ts";
import { locate, refusePinned } from "../../files/project_file.ts";
import { requireAgreement } from "../../prompt/agree.ts";
import { keepSigned, lastSigned } from "../../signing/last_signed.ts";
import { KEY_OPTIONS, type KeyRequest, keyRequest } from "../../signing/key_options.ts";
import { chooseKey, type OwnKey, passphraseSource } from "../../signing/own_keys.ts";

export interface SignRequest extends KeyRequest {
  /** `YYYY-MM-DD`, or `never`; undefined keeps what the file says. */
  readonly expires: string | undefined;
  /** None keeps what the file says. */
  readonly audience: readonly string[];
  readonly yes: boolean;
}

const NEVER = "never";

export const signCommand: Command<SignRequest> = {
  usage: ["[--key KEY] [--expires DATE] [--audience NAME]"],
  options: {
    ...KEY_OPTIONS,
    expires: { value: "DATE", summary: "the last day of the signature, YYYY-MM-DD, or never" },
    audience: {
      value: "NAME",
      multiple: true,
      summary: "whom the file is for (more than once for several)",
    },
    yes: { short: "y", summary: "sign without asking" },
  },
  examples: [
    "bun-config sign",
    "bun-config sign --key work --expires 2027-06-30",
    "bun-config sign --audience production --yes",
  ],
  parse(args) {
    args.exactly([]);
    const expires = args.value("expires");
    if (expires !== undefined && expires !== NEVER && !isDate(expires)) {
      throw valueError(`${quote(expires)} is not a day`, "Write YYYY-MM-DD, or never.");
    }
    const audience = args.values("audience").toSorted();
    const wrong = audience.find((name) => !isAudience(name));
    if (wrong !== undefined) {
      throw valueError(`${quote(wrong)} is not the name of an audience`, "Write production.");
    }
    return { ...keyRequest(args), expires, audience, yes: args.has("yes") };
  },
  async run(context, request) {
    const path = realFilePath(locate(context));
    refusePinned(context, path);
    const before = readFileBytes(path);
    const file = decodeUnverified(before);
    if (file.meta.project === undefined) throw namelessError(path);
    const policy = placePolicy(path, file, context.env);
    const key = await chooseKey(context, request, policy);
    const { next, others } = plan(file, request, policy, key);
    await showAndAsk(context, path, next, key, request.yes);
    const signer = await key.open(passphraseSource(context, request));
    const signed = await signFile(next, signer, others);
    await sealFile(path, before, signed);
    keepSigned(path, encodeFile(signed), context.env);
    report(context, path, signed, key, policy);
  },
};

interface Plan {
  readonly next: File;
  /** Where several must sign: the signatures that stay. */
  readonly others: readonly Signature[] | undefined;
}

function plan(
  file: File,
  request: SignRequest,
  policy: TrustPolicy | undefined,
  key: OwnKey,
): Plan {
  const { cosignatures = [], ...bare } = file;
  const isSame = request.expires === undefined && request.audience.length === 0;
  const own = hexBytes(key.publicKey);
  const several = policy !== undefined && policy.trust.threshold > 1;
  // A second signature is for the very same: not a word may change.
  if (several && isSame && isFor(file, own)) {
    const others = cosignatures.filter(
      ({ keyId, ...other }) =>
        hexBytes(keyId) !== key.id && isTrusted(file, { keyId, ...other }, policy),
    );
    if (others.length >= COSIGNATURE_COUNT_MAX) throw fullError(others.length);
    return { next: { ...bare, signature: null }, others };
  }
  const keys = several
    ? policy.trust.keys
        .filter(({ role }) => role === "record")
        .map(({ publicKey }) => hexBytes(publicKey))
        .toSorted((a, b) => Number(b === own) - Number(a === own))
    : [own];
  const before = file.meta.signed;
  const audience = request.audience.length > 0 ? request.audience : before?.audience;
  const expires = request.expires === undefined ? before?.expires : request.expires;
  const signed = {
    ...(audience === undefined ? {} : { audience: [...new Set(audience)] }),
    ...(expires === undefined || expires === NEVER ? {} : { expires }),
    // Of more keys than the file can name, the signer's is one.
    keys: [...new Set(keys)].slice(0, SIGNED_NAME_COUNT_MAX).toSorted(),
  };
  const next = { ...bare, signature: null, meta: { ...file.meta, signed } };
  return { next, others: several ? [] : undefined };
}

/** Whether a file was made for a key to sign, too: it names the key, or as many others as it can. */
function isFor({ meta: { signed } }: File, publicKey: string): boolean {
  const keys = signed?.keys ?? [];
  return keys.includes(publicKey) || keys.length === SIGNED_NAME_COUNT_MAX;
}

function isTrusted(file: File, other: Signature, { trust }: TrustPolicy): boolean {
  const id = hexBytes(other.keyId);
  return trust.keys.some(
    ({ publicKey }) => hexBytes(keyIdOf(publicKey)) === id && isCosignedBy(file, other, publicKey),
  );
}

/** Shows the difference from the last signed file, read from the bytes that will be signed. */
async function showAndAsk(
  context: Context,
  path: string,
  next: File,
  key: OwnKey,
  agreed: boolean,
): Promise<void> {
  const shown = decodeUnverified(encodeFile({ ...next, signature: null }));
  const last = lastSigned(path, context.env);
  const lines = describeChanges(last, shown)
    .filter(({ field }) => field !== "signature")
    .map((change) => `  ${printable(changeText(change))}`);
  const since =
    last === undefined
      ? "You have signed no earlier version of it here: this is all that it says."
      : `Since you signed generation ${last.generation}:`;
  const text = [path, since, ...(lines.length === 0 ? ["  nothing changed"] : lines)];
  await requireAgreement(
    context,
    text.join("\n"),
    `Sign it with ${printable(key.name)} (${key.id})?`,
    agreed,
  );
}

function report(
  context: Context,
  path: string,
  signed: File,
  key: OwnKey,
  policy: TrustPolicy | undefined,
): void {
  const threshold = policy?.trust.threshold ?? 1;
  const signers = signed.cosignatures?.length ?? 1;
  context.out.done(
    { file: path, keyId: key.id, generation: signed.generation, signers, threshold },
    `Signed ${path} with ${printable(key.name)} (${key.id}), generation ${signed.generation}`,
  );
  if (policy === undefined) {
    context.out.note("note: no key is trusted here yet: bun-config trust add");
    return;
  }
  if (signers < threshold) {
    context.out.note(
      `note: ${signers} of ${threshold} have signed; the others sign it the same way`,
    );
    return;
  }
  verifyFile(encodeFile(signed), path, context.env, { now: context.now() });
}

function fullError(count: number): ImmuconfigError {
  return new ImmuconfigError("ERR_KEY", `${count} keys have signed the file, and no more fit in`, {
    hint: "It needs no more signatures than it has.",
  });
}

function namelessError(path: string): ImmuconfigError {
  return valueError(
    `${path} does not say which project it is for`,
    "A signed file belongs to one project: bun-config set project NAME.",
  );
}
