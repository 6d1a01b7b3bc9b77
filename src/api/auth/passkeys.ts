/**
 * Passkeys (WebAuthn). Each is bound to the host name under which it was made, so that one page cannot
 * use what was made for another. The library is loaded when the first one is used.
 */

import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from "@simplewebauthn/server";
import { isIP } from "node:net";
import { findPasskey, type NewPasskey } from "../domain/people.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Person, State } from "../domain/state.ts";
import { Challenges } from "./challenges.ts";

const SIGN_IN = "sign in";

/** Who has proved to be there. */
export interface ProvedPasskey {
  readonly person: string;
  readonly passkey: string;
  readonly counter: number;
}

export class Passkeys {
  readonly #challenges = new Challenges();

  /** What a browser is to make a passkey with. */
  async creation(
    person: Person,
    request: Request,
    now: number,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { host } = siteOf(request);
    const { generateRegistrationOptions } = await import("@simplewebauthn/server");
    return generateRegistrationOptions({
      rpName: "immuconfig",
      rpID: host,
      userName: person.name,
      userDisplayName: person.name,
      userID: new TextEncoder().encode(person.id),
      challenge: this.#challenges.create(purposeOf(person), now),
      attestationType: "none",
      excludeCredentials: [...person.passkeys.keys()].map((id) => ({ id })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
  }

  /** @throws Refusal `unauthorized` for an answer that proves nothing */
  async created(
    person: Person,
    response: RegistrationResponseJSON,
    request: Request,
    now: number,
  ): Promise<NewPasskey> {
    const { origin, host } = siteOf(request);
    const { verifyRegistrationResponse } = await import("@simplewebauthn/server");
    const { isOurs, answered } = this.#question(purposeOf(person), now);
    const { registrationInfo } = await verified(
      verifyRegistrationResponse({
        response,
        expectedChallenge: isOurs,
        expectedOrigin: origin,
        expectedRPID: host,
        requireUserVerification: true,
      }),
    );
    if (registrationInfo === undefined) throw notProved();
    answered();
    const { id, publicKey, counter } = registrationInfo.credential;
    return { id, publicKey: Buffer.from(publicKey).toString("base64url"), counter, host };
  }

  /** What a browser is to ask its passkeys. */
  async signIn(request: Request, now: number): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { host: rpID } = siteOf(request);
    const { generateAuthenticationOptions } = await import("@simplewebauthn/server");
    const challenge = this.#challenges.create(SIGN_IN, now);
    return generateAuthenticationOptions({ rpID, challenge, userVerification: "required" });
  }

  /** @throws Refusal `unauthorized` for a passkey that is unknown, of another site, or not there */
  async signedIn(
    state: State,
    response: AuthenticationResponseJSON,
    request: Request,
    now: number,
  ): Promise<ProvedPasskey> {
    const { origin, host } = siteOf(request);
    const found = findPasskey(state, response.id);
    if (found === undefined || found.passkey.host !== host) throw notProved();
    const { id, publicKey, counter } = found.passkey;
    const credential = { id, publicKey: Buffer.from(publicKey, "base64url"), counter };
    const { verifyAuthenticationResponse } = await import("@simplewebauthn/server");
    const { isOurs, answered } = this.#question(SIGN_IN, now);
    const { verified: isProved, authenticationInfo } = await verified(
      verifyAuthenticationResponse({
        response,
        expectedChallenge: isOurs,
        expectedOrigin: origin,
        expectedRPID: host,
        credential,
        requireUserVerification: true,
      }),
    );
    if (!isProved) throw notProved();
    answered();
    return { person: found.person.id, passkey: id, counter: authenticationInfo.newCounter };
  }

  /** A question that one answer answers, once. */
  #question(
    purpose: string,
    now: number,
  ): { readonly isOurs: (challenge: string) => boolean; readonly answered: () => void } {
    let asked = "";
    return {
      isOurs: (challenge) => {
        asked = challenge;
        return this.#challenges.isOurs(purpose, challenge, now);
      },
      answered: () => this.#challenges.use(asked, now),
    };
  }
}

function purposeOf({ id }: Person): string {
  return `passkey of ${id}`;
}

/** What the library throws is what is wrong with the client's answer. */
async function verified<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch {
    throw notProved();
  }
}

function notProved(): Refusal {
  return new Refusal("unauthorized", "this passkey is not known here, or its answer does not hold");
}

/**
 * The page that asks, as its browser says. What it signs names it too, so that one cannot speak for
 * another.
 *
 * @throws Refusal `bad-request` from what is no page, `unprocessable` under an address without a name
 */
function siteOf({ headers }: Request): { readonly origin: string; readonly host: string } {
  const origin = URL.parse(headers.get("origin") ?? "");
  if (origin === null)
    throw new Refusal("bad-request", "passkeys are used from a page: send Origin");
  const host = origin.hostname;
  if (isIP(host.replace(/^\[|\]$/g, "")) !== 0) {
    throw new Refusal(
      "unprocessable",
      `passkeys need a host name, and ${host} is an address: open the server as localhost, or by its name`,
    );
  }
  return { origin: origin.origin, host };
}
