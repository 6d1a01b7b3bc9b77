/** People and tokens as the page sees them. */

import { call, type Grant } from "./client.ts";

export interface Person {
  readonly person: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly invitedUntil: number | null;
  readonly passkeys: readonly { readonly passkey: string; readonly created: number }[];
  readonly identities: readonly {
    readonly identity: string;
    readonly issuer: string;
    /** What the provider calls the account. */
    readonly subject: string;
  }[];
}

export interface Token extends Grant {
  readonly token: string;
  readonly name: string;
  readonly expires: number | null;
}

export const readPeople = async (): Promise<Person[]> =>
  (await call<{ people: Person[] }>("/v1/people")).people;
export const readTokens = async (): Promise<Token[]> =>
  (await call<{ tokens: Token[] }>("/v1/tokens")).tokens;

/** @returns the invitation's secret */
export async function addPerson(name: string, grant: Grant): Promise<string> {
  const body = { name, grants: [grant] };
  const made = await call<{ invitation: string }>("/v1/people", { method: "POST", body });
  return made.invitation;
}

export const grantPerson = (person: string, grants: readonly Grant[]): Promise<unknown> =>
  call(`/v1/people/${person}/grants`, { method: "PUT", body: { grants } });

/** @returns the invitation's secret */
export async function invitePerson(person: string): Promise<string> {
  const path = `/v1/people/${person}/invitation`;
  return (await call<{ invitation: string }>(path, { method: "POST", body: {} })).invitation;
}

export const removePerson = (person: string): Promise<void> =>
  call(`/v1/people/${person}`, { method: "DELETE" });

export const removePasskey = (person: string, passkey: string): Promise<void> =>
  call(`/v1/people/${person}/passkeys/${passkey}`, { method: "DELETE" });
export const removeIdentity = (person: string, identity: string): Promise<void> =>
  call(`/v1/people/${person}/identities/${identity}`, { method: "DELETE" });

/**
 * @param expires milliseconds since 1970; null for one without an end
 * @returns the token's secret
 */
export async function addToken(
  name: string,
  grant: Grant,
  expires: number | null,
): Promise<string> {
  const body = { name, ...grant, expires };
  return (await call<{ secret: string }>("/v1/tokens", { method: "POST", body })).secret;
}

export const revokeToken = (token: string): Promise<void> =>
  call(`/v1/tokens/${token}`, { method: "DELETE" });
