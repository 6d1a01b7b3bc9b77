/** The shapes of what clients send and get, from which validation and OpenAPI come. */

import * as v from "valibot";
import { PLACE_NAME } from "../../base/place_name.ts";
import { isSafeUrl } from "../../base/text.ts";
import { ROLES } from "../domain/change.ts";
import { ActionBody, RolloutView, VALUES_VIEW, WAVE_PLAN } from "./action_schemas.ts";
import { Count, FlagName, Reason, Time, wordsOf } from "./basic_schemas.ts";

/** Of projects and environments: what can stand in a path, and in a host's name. */
export const Name = v.pipe(v.string(), v.regex(PLACE_NAME));
const Digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

export const NewProject = v.strictObject({ project: Name });
export const NewEnvironment = v.strictObject({ environment: Name });
export const NewOverride = v.strictObject({
  enabled: v.boolean(),
  until: v.optional(v.nullable(Time), null),
  reason: Reason,
  /** How it reaches the hosts; all at once where there is none. */
  rollout: v.optional(v.strictObject(WAVE_PLAN)),
});
/** A role, in a project or one of its environments; in all where there is none. */
const NEW_GRANT = {
  role: v.picklist(ROLES),
  project: v.optional(v.nullable(Name), null),
  environment: v.optional(v.nullable(Name), null),
};
const GrantEntry = v.strictObject({
  role: v.picklist(ROLES),
  project: v.nullable(Name),
  environment: v.nullable(Name),
});
export const NewTokenBody = v.strictObject({
  name: Reason,
  ...NEW_GRANT,
  expires: v.optional(v.nullable(Time), null),
});

export const RecordEntry = v.object({
  generation: Count,
  digest: Digest,
  size: Count,
  time: Time,
  actor: v.string(),
});
export const OverrideEntry = v.object({
  flag: FlagName,
  enabled: v.boolean(),
  until: v.nullable(Time),
  reason: v.string(),
  time: Time,
  actor: v.string(),
  rollout: v.nullable(RolloutView),
});
export const NewSchedule = v.strictObject({ action: ActionBody, at: Time, reason: Reason });
export const NewRequest = v.strictObject({
  action: ActionBody,
  at: v.optional(v.nullable(Time), null),
  reason: Reason,
});
export const NewRule = v.strictObject({ twoPersons: v.boolean(), reason: Reason });
export const Because = v.strictObject({ reason: Reason });
/** Who did it, by name; when; and why. */
const DONE = { by: v.string(), time: Time, reason: v.string() };
export const ScheduleEntry = v.object({
  schedule: Count,
  action: ActionBody,
  at: Time,
  /** Without it, it is not done where two persons are asked for. */
  approved: v.boolean(),
  ...DONE,
  ...VALUES_VIEW,
});
export const RequestEntry = v.object({
  request: Count,
  action: ActionBody,
  at: v.nullable(Time),
  ...DONE,
  ...VALUES_VIEW,
  /** The caller asked for it, or made the token that did. */
  own: v.boolean(),
});
export const FlagEntry = v.object({
  name: FlagName,
  /** As programs see it now. */
  enabled: v.boolean(),
  /** As the record says. */
  recorded: v.boolean(),
  retired: v.boolean(),
  description: v.nullable(v.string()),
  owner: v.nullable(v.string()),
  expires: v.nullable(v.string()),
  /** What overrides may do to it. */
  live: v.picklist(["any", "off", "none"]),
  override: v.nullable(OverrideEntry),
});
export const EnvironmentView = v.object({
  project: Name,
  environment: Name,
  version: Count,
  record: v.nullable(RecordEntry),
  /** What each flag adds to a bundle that was pushed; its content is at `/ledger`. */
  ledger: v.nullable(RecordEntry),
  /** A change of a flag needs somebody who approves it. */
  twoPersons: v.boolean(),
  frozen: v.nullable(v.object(DONE)),
  schedules: v.array(ScheduleEntry),
  requests: v.array(RequestEntry),
  flags: v.array(FlagEntry),
});
export const TokenView = v.object({
  token: v.string(),
  name: v.string(),
  ...GrantEntry.entries,
  expires: v.nullable(Time),
  created: Time,
});
export const AuditEntry = v.object({
  sequence: Count,
  time: Time,
  actor: v.string(),
  change: v.looseObject({ kind: v.string() }),
  digest: Digest,
});
export const HistoryEntry = v.object({
  sequence: Count,
  time: Time,
  /** The name of the token or person. */
  by: v.string(),
  change: v.looseObject({ kind: v.string() }),
});
export const FieldEntry = v.object({
  offset: Count,
  size: Count,
  name: v.string(),
  value: v.string(),
});
/** What a person may do, in at most 64 places. */
const Grants = v.pipe(v.array(v.strictObject(NEW_GRANT)), v.maxLength(64));
export const NewPerson = v.strictObject({ name: Reason, grants: Grants });
export const NewGrants = v.strictObject({ grants: Grants });
const Claims = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^[a-z][a-z0-9_]{0,63}$/)),
    v.pipe(v.string(), v.maxLength(512)),
  ),
  v.check((claims) => Object.keys(claims).length > 0, "one claim or more"),
);
/** An address of an issuer: https, or http to this machine. */
const IssuerUrl = v.pipe(v.string(), v.maxLength(512), v.check(isIssuerUrl, "an https address"));
export const NewIssuer = v.strictObject({
  issuer: Name,
  url: IssuerUrl,
  jwks: IssuerUrl,
  audience: v.pipe(v.string(), v.minLength(1), v.maxLength(512)),
  rules: v.pipe(
    v.array(v.strictObject({ claims: Claims, ...NEW_GRANT })),
    v.minLength(1),
    v.maxLength(64),
  ),
});
export const IssuerView = v.object({
  issuer: Name,
  url: v.string(),
  jwks: v.string(),
  audience: v.string(),
  rules: v.array(v.object({ claims: v.record(v.string(), v.string()), ...GrantEntry.entries })),
});
export const PersonView = v.object({
  person: v.string(),
  name: v.string(),
  grants: v.array(GrantEntry),
  /** When the invitation ends; null where there is none. */
  invitedUntil: v.nullable(Time),
  passkeys: v.array(v.object({ passkey: v.string(), host: v.string(), created: Time })),
  /** As a provider of identities knows them (OpenID Connect). */
  identities: v.array(
    v.object({ identity: v.string(), issuer: v.string(), subject: v.string(), created: Time }),
  ),
  created: Time,
});
export const Invitation = v.object({ invitation: v.string() });
export const SessionView = v.object({
  name: v.string(),
  /** As the audit log names them. */
  actor: v.string(),
  grants: v.array(GrantEntry),
});
const Secret = v.pipe(v.string(), v.maxLength(512));
export const SignIn = v.strictObject({ secret: Secret });
export const Invited = v.strictObject({ invitation: Secret });
/** Without an invitation who is known already; with one, who wants to be. */
export const OidcSignIn = v.strictObject({ invitation: v.optional(Secret) });
/** Where the provider is that people may sign in at; null where there is none. */
export const OidcView = v.object({ host: v.nullable(v.string()) });
/** Where the browser is to go. */
export const OidcStart = v.object({ url: v.string() });
/** What a provider sends a browser back with; what else it sends is its own. */
export const OidcReturn = v.object({ state: v.optional(v.string(), "") });
const Base64Url = v.pipe(v.string(), v.regex(/^[\w-]{1,8192}$/));
/** What every answer of a passkey has, as browsers write it; what else they write is not asked for. */
const PASSKEY = {
  id: Base64Url,
  rawId: Base64Url,
  type: v.literal("public-key"),
};
export const PasskeyCreated = v.strictObject({
  invitation: Secret,
  passkey: v.object({
    ...PASSKEY,
    response: v.object({ clientDataJSON: Base64Url, attestationObject: Base64Url }),
  }),
});
export const PasskeySignIn = v.strictObject({
  passkey: v.object({
    ...PASSKEY,
    response: v.object({
      clientDataJSON: Base64Url,
      authenticatorData: Base64Url,
      signature: Base64Url,
    }),
  }),
});
/** Of WebAuthn, for the browser: `PublicKeyCredential.parse…OptionsFromJSON`. */
export const PasskeyOptions = v.looseObject({ challenge: v.string() });
export const NewHostReport = v.strictObject({
  host: v.pipe(v.string(), v.regex(/^[\w.:-]{1,253}$/)),
  version: v.optional(v.nullable(wordsOf(64)), null),
  generation: v.nullable(Count),
  sequence: v.nullable(Count),
  heldMs: v.optional(v.nullable(Count), null),
  refused: v.optional(v.pipe(v.array(FlagName), v.maxLength(64)), []),
  problem: v.nullable(wordsOf(300)),
});
export const HostEntry = v.object({
  ...NewHostReport.entries,
  seen: Time,
  /** When its set took the place of another, by what the agent said. */
  since: v.nullable(v.number()),
});
const Groups = v.array(
  v.object({ value: v.nullable(v.union([v.number(), v.string()])), hosts: Count }),
);
export const FleetView = v.object({
  sequence: Count,
  changed: v.nullable(Time),
  counts: v.object({
    hosts: Count,
    current: Count,
    behind: Count,
    silent: Count,
    refusing: Count,
  }),
  sequences: Groups,
  generations: Groups,
  versions: Groups,
  /** How many hosts had the last change how many milliseconds after it. */
  curve: v.array(v.object({ ms: Count, hosts: Count })),
  hosts: v.array(v.object({ ...HostEntry.entries, silent: v.boolean() })),
});
export const ProblemView = v.object({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
});
/** Of the broker that is told of changes, where there is one. */
const NatsHealth = v.object({ connected: v.boolean(), waiting: Count });
export const Health = v.object({
  status: v.literal("ok"),
  sequence: Count,
  nats: v.optional(NatsHealth),
});

function isIssuerUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && url.username === "" && url.password === "" && isSafeUrl(url);
}
