/**
 * Signing in at a provider of identities (OpenID Connect): an authorization code, bound by PKCE, state and
 * nonce to the browser that began. The library is loaded when the first one signs in.
 */

import { sha256 } from "../../base/digest.ts";
import type { ClientAuth, Configuration, ServerMetadata } from "openid-client";
import { BoundedMap } from "../../base/bounded_map.ts";
import { isSafeUrl, printable } from "../../base/text.ts";
import type { ProvedIdentity } from "../domain/people.ts";
import { Refusal } from "../domain/refusal.ts";
import type { Log } from "../log.ts";
import { urlOf } from "../request_url.ts";
import { fetchBounded } from "./bounded_fetch.ts";
import { readCookie, setCookie } from "./cookies.ts";
import type { OidcSettings } from "./oidc_settings.ts";
import { randomText } from "./tokens.ts";

export const RETURN_PATH = "/v1/session/oidc/return";
/** Lax, for it is another site that sends the browser back. */
const COOKIE = "__Host-oidc";
/** Milliseconds that somebody may take at the provider. */
const PENDING_MS = 10 * 60 * 1000;
/** Who has begun and not come back; the oldest is forgotten for a new one. */
const PENDING_COUNT_MAX = 10_000;
/** Seconds that the provider may take for an answer. */
const ANSWER_S = 5;
/** Milliseconds for which what the provider says of itself is believed. */
const METADATA_MS = 10 * 60 * 1000;
/** Seconds by which the provider's clock may differ. */
const CLOCK_SKEW_S = 30;
/** Characters of a subject (OpenID Connect Core, 2). */
const SUBJECT_SIZE_MAX = 255;
/** Characters of what a browser comes back with. */
const RETURN_SIZE_MAX = 8192;

type Library = typeof import("openid-client");

/** Why somebody is not signed in, for the page to say in words of its own. */
type Reason = "cancelled" | "ended" | "unproved";

export class SignInFault extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason);
    this.name = "SignInFault";
    this.reason = reason;
  }
}

/** What was begun, and is known to nobody but the server. */
interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The digest of the invitation that is to be used, where there is one. */
  readonly invitation: string | undefined;
  readonly ends: number;
}

export interface Returned {
  readonly identity: ProvedIdentity;
  readonly invitation: string | undefined;
}

export class Oidc {
  readonly #settings: OidcSettings;
  readonly #log: Pick<Log, "provider">;
  /** By the digest of the cookie. */
  readonly #pending = new BoundedMap<string, Pending>(PENDING_COUNT_MAX);
  #metadata: { readonly answer: Promise<ServerMetadata>; readonly ends: number } | undefined;

  constructor(settings: OidcSettings, log: Pick<Log, "provider">) {
    this.#settings = settings;
    this.#log = log;
  }

  /** What people know the provider by. */
  get host(): string {
    return this.#settings.issuer.host;
  }

  /**
   * Where the browser is to go, and the cookie that it comes back with.
   *
   * @param invitation the digest of the one that is to be used
   * @throws Refusal `unavailable` while the provider does not say of itself what it should
   */
  async begin(
    invitation: string | undefined,
    now: number,
  ): Promise<{ readonly url: string; readonly cookie: string }> {
    const library = await import("openid-client");
    const config = await this.#configuration(library, now);
    const pending: Pending = {
      state: randomText(),
      nonce: randomText(),
      verifier: library.randomPKCECodeVerifier(),
      invitation,
      ends: now + PENDING_MS,
    };
    const url = library.buildAuthorizationUrl(config, {
      redirect_uri: this.#returnUrl().href,
      scope: "openid",
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await library.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
    });
    const value = randomText();
    this.#pending.put(sha256(value), pending);
    return { url: url.href, cookie: setCookie(COOKIE, value, PENDING_MS / 1000, "Lax") };
  }

  /**
   * Whom the provider has sent back. What was begun is over with it, whatever it says.
   *
   * @param state that the provider gave back
   * @throws SignInFault
   */
  async finish(request: Request, state: string, now: number): Promise<Returned> {
    const pending = this.#take(request, state, now);
    const url = this.#returnUrl();
    url.search = urlOf(request).search;
    if (url.search.length > RETURN_SIZE_MAX) throw new SignInFault("unproved");
    if (url.searchParams.get("error") === "access_denied") throw new SignInFault("cancelled");
    try {
      const library = await import("openid-client");
      const config = await this.#configuration(library, now);
      const tokens = await library.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: pending.verifier,
        expectedState: pending.state,
        expectedNonce: pending.nonce,
        idTokenExpected: true,
      });
      const { iss: issuer = "", sub: subject = "" } = tokens.claims() ?? {};
      if (issuer === "" || subject === "" || subject.length > SUBJECT_SIZE_MAX) {
        throw new Error("the token names nobody, or at too great length");
      }
      const id = sha256(`${issuer}\0${subject}`);
      return { identity: { id, issuer, subject }, invitation: pending.invitation };
    } catch (error) {
      this.#log.provider(textOf(error));
      throw new SignInFault("unproved");
    }
  }

  /** Another site may send a browser here, but not with the state: it ends nothing that was begun. */
  #take(request: Request, state: string, now: number): Pending {
    const value = readCookie(request, COOKIE) ?? "";
    const key = sha256(value);
    const pending = this.#pending.get(key);
    if (pending === undefined || pending.ends <= now || sha256(pending.state) !== sha256(state)) {
      throw new SignInFault("ended");
    }
    this.#pending.delete(key);
    return pending;
  }

  #returnUrl(): URL {
    return new URL(RETURN_PATH, this.#settings.origin);
  }

  /** As what the server asks, and whom; its clock is the server's. */
  async #configuration(library: Library, now: number): Promise<Configuration> {
    const { clientId, secret, issuer } = this.#settings;
    const metadata = await this.#discovered(library, now);
    const config = new library.Configuration(
      metadata,
      clientId,
      {
        [library.clockSkew]: Math.round((now - Date.now()) / 1000),
        [library.clockTolerance]: CLOCK_SKEW_S,
      },
      clientAuth(library, metadata, secret),
    );
    config.timeout = ANSWER_S;
    config[library.customFetch] = fetchSafely;
    if (issuer.protocol === "http:") library.allowInsecureRequests(config);
    // The library else takes the provider's word for a token that came over TLS.
    library.enableNonRepudiationChecks(config);
    return config;
  }

  /** What went wrong is not kept. */
  async #discovered(library: Library, now: number): Promise<ServerMetadata> {
    if (this.#metadata === undefined || this.#metadata.ends <= now) {
      this.#metadata = { answer: this.#discover(library), ends: now + METADATA_MS };
    }
    const { answer } = this.#metadata;
    try {
      return await answer;
    } catch (error) {
      if (this.#metadata?.answer === answer) {
        this.#metadata = undefined;
        this.#log.provider(textOf(error));
      }
      throw new Refusal("unavailable", `${this.host} does not answer as it should; try again`, 10);
    }
  }

  async #discover(library: Library): Promise<ServerMetadata> {
    const { clientId, issuer } = this.#settings;
    const config = await library.discovery(issuer, clientId, undefined, library.None(), {
      timeout: ANSWER_S,
      [library.customFetch]: fetchSafely,
      execute: issuer.protocol === "http:" ? [library.allowInsecureRequests] : [],
    });
    const { authorization_endpoint: page } = config.serverMetadata();
    if (!isSafeUrl(new URL(page ?? ""))) throw new Error("its page for signing in is not on https");
    return config.serverMetadata();
  }
}

/** As the provider takes the client's secret: in a header, unless it says that it does not. */
function clientAuth(
  library: Library,
  { token_endpoint_auth_methods_supported: methods }: ServerMetadata,
  secret: string | undefined,
): ClientAuth {
  if (secret === undefined) return library.None();
  return methods === undefined || methods.includes("client_secret_basic")
    ? library.ClientSecretBasic(secret)
    : library.ClientSecretPost(secret);
}

/** A provider on this machine may name others, by whose addresses no secret goes unread. */
function fetchSafely(url: string, options: object): Promise<Response> {
  if (!isSafeUrl(new URL(url)))
    throw new Error("the provider names an address that is not on https");
  return fetchBounded(url, { ...options, redirect: "manual" });
}

/** For a browser that has come back from what it began. */
export const COOKIE_OVER = setCookie(COOKIE, "", 0, "Lax");

/** What whoever runs the server needs to know of it: the library's words, and the provider's code. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { message, cause } = error;
  const code = "error" in error && typeof error.error === "string" ? ` (${error.error})` : "";
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return printable(`${message}${code}${why}`).slice(0, 300);
}
