/**
 * A signed set of overrides: a JWS in its compact form (RFC 7515, EdDSA by RFC 8037) whose header and
 * payload have one spelling (RFC 8785). It can switch flags and nothing else.
 */

import { FormatError, ImmuconfigError } from "../base/errors.ts";
import { WHOLE_SHARE } from "../base/shares.ts";
import { canonicalJson, isObject } from "../base/json.ts";
import { LIVE_OVERRIDE_COUNT_MAX, OVERRIDE_SET_SIZE_MAX } from "../base/limits.ts";
import { isFlagName } from "../format/flags.ts";
import { holds, keyIdText, onceForKey, type Signer } from "./file_signature.ts";

export interface SignedOverride {
  readonly flag: string;
  readonly enabled: boolean;
  /** Seconds since 1970; null for one without an end of its own. */
  readonly until: number | null;
  /** Which hosts it is for; absent where it is for all. */
  readonly wave?: Wave;
}

/** A part of the hosts of an environment. A larger share with the same salt has all of a smaller one. */
interface Wave {
  /** The number of the change that began it, so that it is not always the same hosts that go first. */
  readonly salt: number;
  /** In hundredths of a percent, from 1 to 9,999. */
  readonly share: number;
  /** What the flag is on the other hosts; null as their record says. */
  readonly rest: boolean | null;
}

export interface OverrideSet {
  readonly project: string;
  readonly environment: string;
  /** Counts the changes of the environment; a host believes none that is lower than it has seen. */
  readonly sequence: number;
  /** Seconds since 1970. */
  readonly issued: number;
  /** Seconds since 1970: nobody obeys it afterwards. */
  readonly expires: number;
  /** Ascending by flag. */
  readonly overrides: readonly SignedOverride[];
}

/** Who may be believed, about what, and from when on. */
export interface SetExpectation {
  readonly project: string;
  readonly environment: string;
  /** Raw Ed25519 public keys. */
  readonly keys: readonly Uint8Array[];
  /** The highest sequence that was believed before. */
  readonly seen: number;
  /** Seconds since 1970; nothing for a set that was believed before, which may have run out. */
  readonly now: number | undefined;
}

const TYPE = "immuconfig-overrides+jwt";
/** Seconds by which the clocks of a server and a host may differ. */
const CLOCK_SKEW_S = 60;
/** 64 bytes in base64url, whose last character has four bits that must be 0. */
const SIGNATURE = /^[\w-]{85}[AQgw]$/;
const MEMBERS = "environment,exp,iat,overrides,project,seq";

const encoder = new TextEncoder();

/** @returns the compact JWS */
export async function signOverrideSet(set: OverrideSet, signer: Signer): Promise<string> {
  const { project, environment, sequence: seq, issued: iat, expires: exp, overrides } = set;
  const head = headFor(signer.publicKey);
  const message = `${head}.${encode({ project, environment, seq, iat, exp, overrides })}`;
  const signature = await signer.sign(encoder.encode(message));
  return `${message}.${Buffer.from(signature).toString("base64url")}`;
}

/**
 * Reads a set and believes it, or says why not.
 *
 * @throws FormatError for what is no set; ImmuconfigError `ERR_SIGNATURE` for a key that may not, a
 * signature that is wrong, another project or environment, an older set, one that has run out or is
 * not yet valid
 */
export function readOverrideSet(text: string, expected: SetExpectation): OverrideSet {
  if (text.length > OVERRIDE_SET_SIZE_MAX) throw noSet("at most 64 KiB");
  const [head = "", payload = "", signature = "", ...more] = text.split(".");
  if (more.length > 0) throw noSet("three parts");
  const key = expected.keys.find((candidate) => head === headFor(candidate));
  if (key === undefined) throw refusedSet("its key may not switch flags of this project");
  const message = encoder.encode(text.slice(0, head.length + 1 + payload.length));
  const bytes = Buffer.from(signature, "base64url");
  if (!SIGNATURE.test(signature) || !holds(message, bytes, key)) {
    throw refusedSet("its signature is wrong");
  }
  const set = readPayload(payload);
  requireMeant(set, expected);
  return set;
}

/**
 * What a set says that was believed before, and by whom it may not be signed any more.
 *
 * @throws FormatError for what is no set
 */
export function readBelievedSet(text: string): OverrideSet {
  const [, payload = ""] = text.split(".", 2);
  return readPayload(payload);
}

function requireMeant(set: OverrideSet, { project, environment, seen, now }: SetExpectation): void {
  if (set.project !== project || set.environment !== environment) {
    throw refusedSet(`it is for ${set.project}/${set.environment}`);
  }
  if (set.sequence < seen) {
    throw refusedSet(`it is number ${set.sequence}, and number ${seen} was seen`);
  }
  if (now === undefined) return;
  if (set.expires <= now) throw refusedSet("it has run out");
  const early = set.issued - now;
  if (early > CLOCK_SKEW_S) {
    throw refusedSet(
      `it was issued in the future, by ${early} s: the clock of this host, or of the server, is wrong`,
    );
  }
}

const headFor = onceForKey((key) => encode({ alg: "EdDSA", kid: keyIdText(key), typ: TYPE }));

function encode(value: object): string {
  return base64(canonicalJson(value));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** In the order in which they stand. */
function namesOf(value: object): string {
  return Object.keys(value).join();
}

function readPayload(part: string): OverrideSet {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  } catch {
    throw noSet("a payload of JSON");
  }
  // What has two spellings could be read in two ways: doubled members, escapes, white space. Members in
  // another order are refused below, where each object's are read.
  if (!isObject(value) || base64(JSON.stringify(value)) !== part) {
    throw noSet("a payload in its one spelling");
  }
  if (namesOf(value) !== MEMBERS) throw noSet(`the members ${MEMBERS}`);
  const { project, environment, seq, iat, exp, overrides } = value;
  if (typeof project !== "string" || typeof environment !== "string") throw noSet("two names");
  if (!isCount(seq) || !isCount(iat) || !isCount(exp)) throw noSet("whole numbers");
  if (!Array.isArray(overrides) || overrides.length > LIVE_OVERRIDE_COUNT_MAX) {
    throw noSet(`at most ${LIVE_OVERRIDE_COUNT_MAX} overrides`);
  }
  const read = overrides.map(readOverride);
  if (read.some(({ flag }, index) => index > 0 && flag <= (read[index - 1]?.flag ?? ""))) {
    throw noSet("overrides in ascending order of flag");
  }
  return { project, environment, sequence: seq, issued: iat, expires: exp, overrides: read };
}

function readOverride(value: unknown): SignedOverride {
  const names = isObject(value) ? namesOf(value) : "";
  // A reader that does not know waves refuses here, too: it would switch every host.
  if (!isObject(value) || (names !== "enabled,flag,until" && names !== "enabled,flag,until,wave")) {
    throw noSet("overrides of enabled, flag, until, and perhaps wave");
  }
  const { enabled, flag, until } = value;
  if (typeof flag !== "string" || !isFlagName(flag) || typeof enabled !== "boolean") {
    throw noSet("a flag and its state");
  }
  if (until !== null && !isCount(until)) throw noSet("an end in whole seconds, or null");
  if (!("wave" in value)) return { flag, enabled, until };
  return { flag, enabled, until, wave: readWave(value["wave"], enabled) };
}

function readWave(value: unknown, enabled: boolean): Wave {
  if (!isObject(value) || namesOf(value) !== "rest,salt,share") {
    throw noSet("a wave of rest, salt, share");
  }
  const { salt, share, rest } = value;
  if (!isCount(salt)) throw noSet("a salt that is a whole number");
  if (!isCount(share) || share < 1 || share >= WHOLE_SHARE) {
    throw noSet(`a share from 1 to ${WHOLE_SHARE - 1}`);
  }
  if (rest !== null && rest !== !enabled) throw noSet("other hosts with the other state, or null");
  return { salt, share, rest };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function noSet(expected: string): FormatError {
  return new FormatError(
    { offset: 0, field: "override set", expected, found: "something else" },
    { hint: "Is this what a control plane sent?" },
  );
}

/** Every reason not to believe a set is told alike. */
export function refusedSet(why: string): ImmuconfigError {
  return new ImmuconfigError("ERR_SIGNATURE", `the override set is refused: ${why}`, {
    hint: "What was believed before still holds. Look at the control plane that sent it.",
  });
}
