/** The server as the page sees it. */

import type { FleetView } from "../../agent/fleet_view.ts";
import type { SwitchOrder } from "../../base/order_words.ts";
import type { WavePlan } from "../../base/shares.ts";
import type { ValuesLook, ValueType } from "../../base/values_words.ts";

export type Role = "reader" | "writer" | "admin";

export interface Grant {
  readonly role: Role;
  readonly project: string | null;
  readonly environment: string | null;
}

export interface Session {
  readonly name: string;
  readonly actor: string;
  readonly grants: readonly Grant[];
}

export interface Place {
  readonly project: string;
  readonly environment: string;
}

export interface Rollout extends WavePlan {
  /** The wave that has come last: an index of `shares`. */
  readonly step: number;
  readonly since: number;
  readonly halted: { readonly reason: string } | null;
}

export interface Override {
  readonly enabled: boolean;
  /** Milliseconds since 1970. */
  readonly until: number | null;
  readonly reason: string;
  readonly time: number;
  readonly rollout: Rollout | null;
}

/** What a flag gives, and who gets which: of a server that is built with PREMIUM_TYPES. */
export interface Variants {
  readonly type: ValueType;
  readonly variants: readonly { readonly name: string; readonly value: unknown }[];
  readonly off: string;
  readonly rollout: readonly { readonly variant: string; readonly weight: number }[];
}

export interface Flag {
  readonly name: string;
  readonly enabled: boolean;
  readonly recorded: boolean;
  readonly retired: boolean;
  readonly description: string | null;
  readonly owner: string | null;
  readonly expires: string | null;
  readonly live: "any" | "off" | "none";
  readonly override: Override | null;
  readonly variants?: Variants | null;
}

/** What can be asked for: with values, of a server that is built with PREMIUM_TYPES. */
export type Action =
  | SwitchOrder
  | (Variants & { readonly kind: "set_variants"; readonly flag: string })
  | { readonly kind: "clear_variants"; readonly flag: string };

interface Done {
  readonly by: string;
  readonly time: number;
  readonly reason: string;
}

export interface Schedule extends Done {
  readonly schedule: number;
  readonly action: Action;
  readonly at: number;
  readonly approved: boolean;
  readonly values?: ValuesLook;
}

export interface ChangeRequest extends Done {
  readonly request: number;
  readonly action: Action;
  readonly at: number | null;
  /** Asked for by who looks. */
  readonly own: boolean;
  readonly values?: ValuesLook;
}

export interface Environment extends Place {
  readonly version: number;
  readonly twoPersons: boolean;
  readonly frozen: Done | null;
  readonly schedules: readonly Schedule[];
  readonly requests: readonly ChangeRequest[];
  readonly record: {
    readonly generation: number;
    readonly digest: string;
    readonly time: number;
  } | null;
  /** What was measured of the bundle that was pushed last. */
  readonly ledger: { readonly digest: string } | null;
  readonly flags: readonly Flag[];
}

export interface HistoryRow {
  readonly sequence: number;
  readonly time: number;
  readonly by: string;
  readonly change: {
    readonly kind: string;
    readonly flag?: string;
    readonly enabled?: boolean;
    readonly share?: number;
    readonly shares?: readonly number[];
    readonly until?: number | null;
    readonly reason?: string;
    readonly generation?: number;
    readonly twoPersons?: boolean;
    readonly action?: Action;
    readonly at?: number | null;
    readonly schedule?: number;
    readonly problem?: string | null;
    readonly request?: number;
  };
}

export interface RecordFields {
  /** The header's 104 bytes in hex. */
  readonly header: string;
  readonly fields: readonly {
    readonly offset: number;
    readonly size: number;
    readonly name: string;
    readonly value: string;
  }[];
}

interface Size {
  readonly raw: number;
  readonly gzip: number;
}

export interface LedgerFlag {
  readonly name: string;
  readonly enabled: boolean;
  readonly removes: Size;
  /** The largest first, at most 20. */
  readonly modules: readonly { readonly path: string; readonly bytes: number }[];
}

/** What each flag adds to a bundle. */
export interface Ledger {
  readonly generation: number;
  readonly entrypoints: readonly string[];
  readonly total: Size;
  readonly modules: number;
  readonly flags: readonly LedgerFlag[];
  readonly interactions: readonly {
    readonly flags: readonly [string, string];
    readonly raw: number;
  }[];
  readonly uncounted: readonly string[];
}

/** What the server would not do, in its words. */
class ServerError extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.name = "ServerError";
    this.status = status;
  }
}

interface CallOptions {
  readonly method?: "POST" | "PUT" | "DELETE";
  readonly body?: unknown;
  readonly version?: number;
}

/** An event of the window: nobody is signed in any more. */
export const SIGNED_OUT = "immuconfig:signed-out";

/** An event of the window: a change may have been made or not, and what the page shows is to be read again. */
export const UNKNOWN = "immuconfig:unknown";

/**
 * An answer that did not come, in words; a browser says no more than that a fetch failed.
 *
 * @param what became of the answer
 */
function unanswered(what: string, method: string, cause: unknown): Error {
  if (method === "GET") return new Error(what, { cause });
  dispatchEvent(new Event(UNKNOWN));
  const words = `${what} It is not known whether the change was made: look at the page before you try again.`;
  return new Error(words, { cause });
}

export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const { method = "GET", body, version } = options;
  const sent = fetch(path, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(version === undefined ? {} : { "if-match": `"${version}"` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const response = await sent.catch((cause: unknown) => {
    throw unanswered("The server does not answer.", method, cause);
  });
  if (response.status === 401) dispatchEvent(new Event(SIGNED_OUT));
  if (response.status === 204) return undefined as Answer;
  if (response.ok) {
    return (await response.json().catch((cause: unknown) => {
      throw unanswered("The server's answer was cut off.", method, cause);
    })) as Answer;
  }
  const problem = (await response.json().catch(() => ({}))) as { detail?: string };
  throw new ServerError(
    response.status,
    problem.detail ?? `the server answered ${response.status}`,
  );
}

/** As people read it, and as the page's address has it. */
export function nameOf({ project, environment }: Place): string {
  return `${project}/${environment}`;
}

export function pathOf({ project, environment }: Place): string {
  return `/v1/projects/${project}/environments/${environment}`;
}

export const readSession = (): Promise<Session> => call("/v1/session");
export const signOut = (): Promise<void> => call("/v1/session", { method: "DELETE" });

const RANK: Readonly<{ [role in Role]: number }> = { reader: 1, writer: 2, admin: 3 };

/** Whether somebody may do what needs a role, in a place or (null) on the whole server. */
export function may({ grants }: Session, needed: Role, place: Place | null): boolean {
  return grants.some(
    ({ role, project, environment }) =>
      RANK[role] >= RANK[needed] &&
      (project === null || project === place?.project) &&
      (environment === null || environment === place?.environment),
  );
}

/** Every environment that the session reaches. */
export async function readPlaces(): Promise<Place[]> {
  const { projects } = await call<{ projects: string[] }>("/v1/projects");
  const lists = await Promise.all(
    projects.map(async (project) => {
      const { environments } = await call<{ environments: string[] }>(`/v1/projects/${project}`);
      return environments.map((environment) => ({ project, environment }));
    }),
  );
  return lists.flat();
}

export const readEnvironment = (place: Place): Promise<Environment> => call(pathOf(place));
export const readHistory = async (place: Place): Promise<HistoryRow[]> =>
  (await call<{ history: HistoryRow[] }>(`${pathOf(place)}/history`)).history;
export const readFleet = (place: Place): Promise<FleetView> => call(`${pathOf(place)}/fleet`);
export const readLedger = (place: Place): Promise<Ledger> => call(`${pathOf(place)}/ledger`);
export const readFields = (place: Place): Promise<RecordFields> =>
  call(`${pathOf(place)}/record/fields`);
