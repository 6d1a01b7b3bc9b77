/** The names of what goes over NATS: one stream, one subject a state. Pure. */

export const STREAM = "IMM";
export const STREAM_SUBJECTS = ["imm.v1.*.*.*.record", "imm.v1.*.*.*.overrides"] as const;
/** What of an environment is published. */
export type StateKind = "overrides" | "record";

/** Bytes of a record that go as they are; of a larger one goes where it is. */
export const RECORD_SIZE_MAX = 512 * 1024;

/** An environment among all that share a broker. */
export interface FleetPlace {
  /** Whose control plane it is, where several share a broker. */
  readonly org: string;
  readonly project: string;
  readonly environment: string;
}

export function stateSubject(place: FleetPlace, kind: StateKind): string {
  return `${prefixOf(place)}.${kind}`;
}

/** Where a host says how far it is: a subject of its own, so that a broker can let it no further. */
export function statusSubject(place: FleetPlace, host: string): string {
  return `${prefixOf(place)}.status.${subjectToken(host)}`;
}

/** Of all hosts, for who listens to them. */
export function statusSubjects(org: string): string {
  return `imm.v1.${subjectToken(org)}.*.*.status.*`;
}

/** Of all environments, for who guards them. */
export function stateSubjects(org: string, kind: StateKind): string {
  return `imm.v1.${subjectToken(org)}.*.*.${kind}`;
}

/** What a subject is about; nothing where it is none of ours. */
export function placeOfSubject(subject: string): FleetPlace | undefined {
  const [root, version, ...tokens] = subject.split(".");
  if (root !== "imm" || version !== "v1") return undefined;
  const [org, project, environment] = tokens.slice(0, 3).map(nameOfToken);
  if (org === undefined || project === undefined || environment === undefined) return undefined;
  return { org, project, environment };
}

/** The name of the host that a subject of `statusSubjects` is of; nothing where it is none. */
export function hostOfSubject(subject: string): string | undefined {
  return nameOfToken(subject.split(".").at(-1) ?? "");
}

function prefixOf({ org, project, environment }: FleetPlace): string {
  return ["imm.v1", ...[org, project, environment].map(subjectToken)].join(".");
}

/**
 * A name as one token of a subject: letters, digits, dashes and low lines are themselves, and of all else
 * each byte of UTF-8 is `=` and two digits (`a.b` is `a=2Eb`). No two names have one token, and none is a
 * wildcard.
 */
function subjectToken(name: string): string {
  if (name === "") return "=";
  // Most names are: a host's is put together for each report, and looked at again by the server.
  if (/^[\w-]+$/.test(name)) return name;
  return [...new TextEncoder().encode(name)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[\w-]/.test(character)
        ? character
        : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
}

function nameOfToken(token: string): string | undefined {
  if (token === "=") return "";
  try {
    const name = decodeURIComponent(token.replaceAll("%", "%25").replaceAll("=", "%"));
    return subjectToken(name) === token ? name : undefined;
  } catch {
    return undefined;
  }
}
