/** Signing in: by a passkey, an invitation, or a token. */

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
  const passkey = await navigator.credentials.get({ publicKey });
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
  const passkey = await navigator.credentials.create({ publicKey });
  return call(path, { method: "POST", body: { invitation, passkey: written(passkey) } });
}

function written(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("No passkey was given.");
  return credential.toJSON();
}
