/** Signing in: by a passkey, an invitation, a provider of identities, or a token. */

import { call, type Session } from "./client.ts";

const PATH = "/v1/session";

export const signInByToken = (secret: string): Promise<Session> =>
  call(PATH, { method: "POST", body: { secret } });

export async function signInByPasskey(): Promise<Session> {
  const options = await call<PublicKeyCredentialRequestOptionsJSON>(`${PATH}/passkey/options`, {
    method: "POST",
    body: {},
  });
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const passkey = await asked(navigator.credentials.get({ publicKey }));
  return call(`${PATH}/passkey`, { method: "POST", body: { passkey: written(passkey) } });
}

/** Makes a passkey for whom the invitation is for. */
export async function acceptInvitation(invitation: string): Promise<Session> {
  const path = `${PATH}/invitation`;
  const options = await call<PublicKeyCredentialCreationOptionsJSON>(`${path}/options`, {
    method: "POST",
    body: { invitation },
  });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const passkey = await asked(navigator.credentials.create({ publicKey }));
  return call(path, { method: "POST", body: { invitation, passkey: written(passkey) } });
}

/** @returns the provider's host; null where there is none */
export const readProvider = async (): Promise<string | null> =>
  (await call<{ host: string | null }>(`${PATH}/oidc`)).host;

/** Goes to the provider, which sends the browser back here. */
export async function goToProvider(invitation: string | undefined): Promise<void> {
  const body = invitation === undefined ? {} : { invitation };
  const { url } = await call<{ url: string }>(`${PATH}/oidc`, { method: "POST", body });
  location.assign(url);
}

/** What the server's words for a sign-in that failed at the provider mean to who reads them. */
const PROBLEMS: Readonly<{ [reason: string]: string }> = {
  cancelled: "You were not signed in: the provider says that it was called off.",
  ended: "That sign-in was begun too long ago, elsewhere, or used already. Begin again.",
  unproved:
    "The provider did not answer, or what it said does not hold. Try again, or ask who runs this server.",
  unknown: "Nobody here is known by that account. Ask an administrator for an invitation.",
  known: "That account is known here already: sign in with it, without an invitation.",
};

/** @param hash of the page's address */
export function providerProblem(hash: string): string | undefined {
  const reason = /^#sign-in=([a-z]+)$/.exec(hash)?.[1] ?? "";
  return Object.hasOwn(PROBLEMS, reason) ? PROBLEMS[reason] : undefined;
}

/** What a browser says of a passkey is written for who programs it. */
const PASSKEY_PROBLEMS: Readonly<{ [name: string]: string }> = {
  NotAllowedError:
    "No passkey was used: it was called off, it took too long, or this device has none for this server.",
  InvalidStateError: "This device has a passkey for you here already: sign in with it.",
  SecurityError: "Passkeys need https, or localhost. Open the server by its name.",
};

async function asked(credential: Promise<Credential | null>): Promise<Credential | null> {
  return credential.catch((cause: unknown) => {
    const text = cause instanceof DOMException ? PASSKEY_PROBLEMS[cause.name] : undefined;
    throw text === undefined ? cause : new Error(text, { cause });
  });
}

function written(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("No passkey was given.");
  return credential.toJSON();
}
