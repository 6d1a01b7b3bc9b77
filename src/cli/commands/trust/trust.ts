import { dirname, resolve } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { KEY_FILE_SIZE_MAX } from "../../../base/limits.ts";
import { readWhole } from "../../../base/read_file.ts";
import { printable, quote } from "../../../base/text.ts";
import { dayOf } from "../../../base/units.ts";
import { hexBytes } from "../../../format/bytes.ts";
import { keyIdOf } from "../../../trust/file_signature.ts";
import { readPublicKey } from "../../../trust/keys/public_key.ts";
import { parseRotation } from "../../../trust/rotation.ts";
import type { ProjectTrust, TrustedKey } from "../../../trust/trust_file.ts";
import { trustSources, updateUserTrust } from "../../../trust/trust_store.ts";
import { verifyBytes } from "../../../trust/verified.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { requireAgreement } from "../../prompt/agree.ts";
import { ownKeys } from "../../signing/own_keys.ts";
import { addKey, type AddRequest, parseAdd } from "./trust_add.ts";
import {
  describeKey,
  entryFor,
  readUnjudged,
  requireNotRevoked,
  userProjects,
} from "./trust_entry.ts";

/** Each action with the options that go with it. */
const ACTIONS = {
  add: ["role", "name", "until", "threshold", "audience", "yes"],
  list: [],
  remove: ["project", "yes"],
  rotate: ["yes"],
  lower: ["yes"],
} as const;

export type TrustRequest = { readonly yes: boolean } & (
  | AddRequest
  | { readonly action: "list" | "lower" }
  | { readonly action: "remove"; readonly key: string | undefined }
  | { readonly action: "rotate"; readonly path: string }
);

export const trustCommand: Command<TrustRequest> = {
  usage: [
    "add [KEY] [--role record|online] [--name TEXT] [--until DATE] [--threshold N] [--audience NAME]",
    "[list]",
    "remove KEY",
    "remove --project",
    "rotate FILE",
    "lower",
  ],
  words: Object.keys(ACTIONS),
  takesFiles: true,
  options: {
    role: {
      value: "ROLE",
      summary: "record (signs files; the default) or online (switches flags for a while)",
    },
    name: { value: "TEXT", summary: "what you call the key" },
    until: { value: "DATE", summary: "the last day on which it counts" },
    threshold: { value: "N", summary: "how many record keys must sign" },
    audience: { value: "NAME", summary: "whom files must be meant for here" },
    project: { summary: "forget the project and all its keys" },
    yes: { short: "y", summary: "trust without asking" },
  },
  examples: [
    "bun-config trust add",
    "bun-config trust add KEY --name ann --until 2027-12-31",
    "bun-config trust                      # the keys that are trusted on this machine",
    "bun-config trust rotate rotation.json",
    "bun-config trust remove ann",
  ],
  parse: parseTrust,
  async run(context, request) {
    switch (request.action) {
      case "add":
        return addKey(context, request, request.yes);
      case "list":
        return list(context);
      case "remove":
        return remove(context, request.key, request.yes);
      case "rotate":
        return rotate(context, request.path, request.yes);
      default:
        return lower(context, request.yes);
    }
  },
};

function parseTrust(args: CommandArguments): TrustRequest {
  const action = args.action("trust", ACTIONS, { usual: "list" });
  const [, operand, ...more] = args.operands;
  const yes = args.has("yes");
  if (more.length > 0) throw usageError(`${action} takes one word`);
  switch (action) {
    case "add":
      return { ...parseAdd(args, operand), yes };
    case "remove":
      if ((operand === undefined) !== args.has("project")) {
        throw usageError("remove takes a KEY, or --project");
      }
      return { action, key: operand, yes };
    case "rotate":
      if (operand === undefined) throw usageError("rotate takes a FILE");
      return { action, path: operand, yes };
    default:
      if (operand !== undefined) throw usageError(`${action} takes no word`);
      return { action, yes };
  }
}

function list(context: Context): void {
  const sources = trustSources(context.env);
  const lines = sources.flatMap(({ name, projects }) => [
    printable(name),
    ...projects.flatMap(({ project, folders, threshold, audience, keys, revoked }) => [
      `  ${printable(project)}: ${threshold} must sign` +
        (audience === undefined ? "" : `, for ${audience}`),
      ...folders.map((folder) => `    in ${printable(folder)}`),
      ...keys.map((key) => `    ${describeKey(key)}`),
      ...revoked.map(({ publicKey, on }) => `    revoked ${hexBytes(keyIdOf(publicKey))} on ${on}`),
    ]),
  ]);
  const json = sources.map(({ name, projects }) => ({
    source: name,
    projects: projects.map(({ keys, revoked, ...entry }) => ({
      ...entry,
      keys: keys.map(({ publicKey, ...key }) => ({ public: hexBytes(publicKey), ...key })),
      revoked: revoked.map(({ publicKey, ...key }) => ({ public: hexBytes(publicKey), ...key })),
    })),
  }));
  context.out.data({ sources: json }, lines.join("\n") || "no key is trusted on this machine");
}

/** The user's entry for the project here. */
function entryHere(context: Context): ProjectTrust {
  const { path, file } = readUnjudged(context);
  const entry = entryFor(userProjects(context), file.meta.project ?? "", dirname(path));
  if (entry !== undefined) return entry;
  throw new ImmuconfigError("ERR_NOT_FOUND", "you trust no key for this project", {
    hint: "See `bun-config trust list`.",
  });
}

async function remove(context: Context, text: string | undefined, agreed: boolean): Promise<void> {
  const entry = entryHere(context);
  const { project } = entry;
  if (text === undefined) {
    const question = `Forget all keys of ${printable(project)}?`;
    const meaning = `Unsigned records of ${printable(project)} are believed again after that.`;
    await requireAgreement(context, meaning, question, agreed);
    await updateUserTrust(context.env, (all) => all.filter(({ id }) => id !== entry.id));
    return context.out.done({ project, removed: "project" }, `Forgot ${printable(project)}`);
  }
  const own = (await ownKeys(context)).find(({ name }) => name === text);
  const key = entry.keys.find(({ publicKey, name }) => {
    const hex = hexBytes(publicKey);
    const names = [name, hex, hexBytes(keyIdOf(publicKey))];
    return names.includes(text) || (own !== undefined && hex === hexBytes(own.publicKey));
  });
  if (key === undefined) {
    throw new ImmuconfigError("ERR_NOT_FOUND", `${quote(text)} is not trusted here`, {
      hint: "See `bun-config trust list`.",
    });
  }
  await updateUserTrust(context.env, (all) =>
    all.map((other) =>
      other.id === entry.id ? withoutKey(other, key, dayOf(context.now())) : other,
    ),
  );
  const id = hexBytes(keyIdOf(key.publicKey));
  context.out.done({ project, removed: id }, `Revoked key ${id} for ${printable(project)}`);
  const left = entry.keys.filter(({ role }) => role === "record").length - 1;
  if (key.role === "record" && left < entry.threshold) {
    context.out.note(
      `note: ${left} record keys are left and ${entry.threshold} must sign: nothing is believed until you trust another`,
    );
  }
}

function withoutKey(
  entry: ProjectTrust,
  { publicKey, role }: TrustedKey,
  on: string,
): ProjectTrust {
  const revoked = { publicKey, on, ...(role === "online" ? { role } : {}) };
  return {
    ...entry,
    keys: entry.keys.filter((key) => !isKey(key, publicKey)),
    revoked: [...entry.revoked.filter((key) => !isKey(key, publicKey)), revoked],
  };
}

/**
 * The entry with a key in the place of one that it trusts; the same entry where it does not trust that.
 *
 * @throws ImmuconfigError `ERR_KEY` where the new key was revoked
 */
function withSuccessor(
  entry: ProjectTrust,
  from: Uint8Array,
  to: Uint8Array,
  on: string,
): ProjectTrust {
  const old = entry.keys.find((key) => isKey(key, from));
  if (old === undefined) return entry;
  requireNotRevoked(entry, to);
  const rest = withoutKey(entry, old, on);
  const others = rest.keys.filter((key) => !isKey(key, to));
  return { ...rest, keys: [...others, { ...old, publicKey: to }] };
}

function isKey({ publicKey }: { readonly publicKey: Uint8Array }, other: Uint8Array): boolean {
  return hexBytes(publicKey) === hexBytes(other);
}

/** Lets a key be followed by the one that it names itself, in every project that trusts it. */
async function rotate(context: Context, operand: string, agreed: boolean): Promise<void> {
  const path = resolve(context.cwd, operand);
  const { from, to, date } = parseRotation(
    new TextDecoder().decode(readWhole(path, KEY_FILE_SIZE_MAX)),
  );
  readPublicKey(hexBytes(to));
  const concerned = userProjects(context).filter(({ keys }) =>
    keys.some((key) => isKey(key, from)),
  );
  if (concerned.length === 0) {
    throw new ImmuconfigError(
      "ERR_NOT_FOUND",
      `key ${hexBytes(keyIdOf(from))} is trusted nowhere`,
      {
        hint: "Only a key that is trusted can name its successor.",
      },
    );
  }
  for (const entry of concerned) requireNotRevoked(entry, to);
  const text = [
    `Key ${hexBytes(keyIdOf(from))} is followed by key ${hexBytes(keyIdOf(to))}, public ${hexBytes(to)},`,
    `as both signed on ${date}. In: ${concerned.map(({ project }) => printable(project)).join(", ")}`,
  ];
  await requireAgreement(context, text.join("\n"), "Trust the new key in its place?", agreed);
  const on = dayOf(context.now());
  await updateUserTrust(context.env, (all) =>
    all.map((entry) => withSuccessor(entry, from, to, on)),
  );
  context.out.done(
    { from: hexBytes(from), to: hexBytes(to), projects: concerned.map(({ project }) => project) },
    `Trusted key ${hexBytes(keyIdOf(to))} in place of ${hexBytes(keyIdOf(from))}`,
  );
}

async function lower(context: Context, agreed: boolean): Promise<void> {
  const { path, bytes, file } = readUnjudged(context);
  await requireAgreement(
    context,
    `${printable(path)} is of generation ${file.generation}. A newer one may have been signed since: believe this one?`,
    "Go back to it?",
    agreed,
  );
  // What was agreed to is what was shown: the file may be another by now.
  const { generation } = verifyBytes(bytes, path, context.env, {
    now: context.now(),
    lowerFloor: true,
  });
  context.out.done({ file: path, generation }, `Believed from generation ${generation} on`);
}
