/** Who asks, and what they may do: the owner of a token, or a person with a session. */

import { type Grant, type Role, ROLES, type Scope } from "../domain/change.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Person, State, Token } from "../domain/state.ts";
import { liveToken } from "./tokens.ts";

export interface Caller {
  /** As the audit log names them. */
  readonly actor: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Absent for people. */
  readonly token?: Token;
  /** When this proof of who it is ends by itself, milliseconds since 1970. */
  readonly ends: number | null;
  /**
   * Who it is in a later state.
   *
   * @throws Refusal `unauthorized` when nobody any more
   */
  again(state: State, now: number): Caller;
}

const callers = new WeakMap<Token, Caller>();

export function callerOfToken(token: Token): Caller {
  const known = callers.get(token);
  if (known !== undefined) return known;
  const caller: Caller = {
    actor: `token:${token.id}`,
    name: token.name,
    grants: [token],
    token,
    ends: token.expires,
    again: (state, now) => callerOfToken(liveToken(state, token.digest, now)),
  };
  callers.set(token, caller);
  return caller;
}

export function callerOfPerson({ id, name, grants }: Person, again: Caller["again"]): Caller {
  return { actor: `person:${id}`, name, grants, ends: null, again };
}

/**
 * @param needed the least role that will do
 * @param scope of what is asked for; an empty one is the whole server
 */
export function may({ grants }: Caller, needed: Role, scope: Scope): boolean {
  for (const { role, project, environment } of grants) {
    const isThere =
      (project === null || project === scope.project) &&
      (environment === null || environment === scope.environment);
    if (isThere && ROLES.indexOf(role) >= ROLES.indexOf(needed)) return true;
  }
  return false;
}

/** Whether anything of a project may be seen. */
export function maySee({ grants }: Caller, name: string): boolean {
  return grants.some(({ project }) => project === null || project === name);
}

/**
 * @returns the caller
 * @throws Refusal `forbidden`
 */
export function authorize(caller: Caller, needed: Role, scope: Scope): Caller {
  if (may(caller, needed, scope)) return caller;
  throw new Refusal("forbidden", `this needs the role ${needed} ${scopeText(scope)}`);
}

function scopeText({ project, environment }: Scope): string {
  if (project === null) return "on the whole server";
  return environment === null ? `in project ${project}` : `in ${project}/${environment}`;
}
