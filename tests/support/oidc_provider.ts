/** A provider of identities (OpenID Connect) on this machine, which can be wrong in every way. */

import { createHash } from "node:crypto";
import { base64url, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { OidcSettings } from "../../src/api/auth/oidc_settings.ts";

const CLIENT = "flags";
const SECRET = "the client's own: secret";
const KEY_ID = "one";

/** Where a provider is silent, or sends what nobody can read. */
export type Mood = "good" | "silent" | "endless" | "huge" | "broken";

interface Granted {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirect: string;
  readonly subject: string;
}

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
type Sign = (claims: JWTPayload) => string | Promise<string>;

export class OidcProvider implements AsyncDisposable {
  readonly #keys: Keys;
  readonly #server: Bun.Server<undefined>;
  readonly #codes = new Map<string, Granted>();
  /** Who is at its page. */
  subject = "248289761001";
  /** Milliseconds since 1970. */
  now: () => number = Date.now;
  /** What it does otherwise than it should, in its tokens and its description. */
  claims: (right: JWTPayload) => JWTPayload = (right) => right;
  sign: Sign = (claims) => this.signedBy(this.#keys, claims);
  description: object = {};
  mood: { readonly [path: string]: Mood } = {};
  /** What was asked for, by path. */
  readonly asked: string[] = [];

  private constructor(keys: Keys) {
    this.#keys = keys;
    this.#server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 60,
      fetch: (request) => this.#answer(request),
    });
  }

  static async start(): Promise<OidcProvider> {
    return new OidcProvider(await generateKeyPair("RS256"));
  }

  get issuer(): string {
    return this.#server.url.origin;
  }

  /** Of a server that browsers open at `origin`. */
  settings(origin: string): OidcSettings {
    return { issuer: new URL(this.issuer), clientId: CLIENT, secret: SECRET, origin };
  }

  async signedBy({ privateKey }: Keys, claims: JWTPayload): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: KEY_ID }).sign(privateKey);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    this.asked.push(url.pathname);
    const mood = this.mood[url.pathname] ?? "good";
    if (mood !== "good") return sulk(mood);
    switch (url.pathname) {
      case "/.well-known/openid-configuration":
        return Response.json({
          issuer: this.issuer,
          authorization_endpoint: `${this.issuer}/authorize`,
          token_endpoint: `${this.issuer}/token`,
          jwks_uri: `${this.issuer}/keys`,
          response_types_supported: ["code"],
          subject_types_supported: ["public"],
          id_token_signing_alg_values_supported: ["RS256"],
          ...this.description,
        });
      case "/keys":
        return Response.json({
          keys: [{ ...(await exportJWK(this.#keys.publicKey)), kid: KEY_ID, alg: "RS256" }],
        });
      case "/authorize":
        return this.#authorize(url.searchParams);
      case "/token":
        return this.#token(request);
      default:
        return new Response(null, { status: 404 });
    }
  }

  /** Its page asks nothing: whoever is there agrees. */
  #authorize(query: URLSearchParams): Response {
    const word = (name: string): string => query.get(name) ?? "";
    const isRight =
      word("client_id") === CLIENT &&
      word("response_type") === "code" &&
      word("code_challenge_method") === "S256" &&
      word("scope").split(" ").includes("openid");
    if (!isRight) return new Response("what is that?", { status: 400 });
    const code = crypto.randomUUID();
    this.#codes.set(code, {
      nonce: word("nonce"),
      challenge: word("code_challenge"),
      redirect: word("redirect_uri"),
      subject: this.subject,
    });
    const back = new URL(word("redirect_uri"));
    back.search = new URLSearchParams({ code, state: word("state") }).toString();
    return Response.redirect(back.href, 302);
  }

  async #token(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const code = form.get("code") ?? "";
    const granted = this.#codes.get(code);
    this.#codes.delete(code);
    const proof = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const isRight =
      isClient(request.headers.get("authorization") ?? "") &&
      granted?.challenge === proof &&
      granted.redirect === form.get("redirect_uri");
    if (!isRight) return Response.json({ error: "invalid_grant" }, { status: 400 });
    const seconds = Math.floor(this.now() / 1000);
    const claims = this.claims({
      iss: this.issuer,
      sub: granted.subject,
      aud: CLIENT,
      nonce: granted.nonce,
      iat: seconds,
      exp: seconds + 60,
    });
    return Response.json({
      access_token: "of no use here",
      token_type: "bearer",
      id_token: await this.sign(claims),
    });
  }
}

/** Signs nothing. */
export function unsigned(claims: JWTPayload): string {
  return `${part({ alg: "none" })}.${part(claims)}.`;
}

function part(value: object): string {
  return base64url.encode(JSON.stringify(value));
}

/** Signs with what everybody knows who has seen the provider's client. */
export function signedBySecret(claims: JWTPayload): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(SECRET.padEnd(32)));
}

function isClient(authorization: string): boolean {
  const [id = "", secret = ""] = Buffer.from(authorization.replace("Basic ", ""), "base64")
    .toString()
    .split(":")
    .map((word) => new URLSearchParams(`v=${word}`).get("v") ?? "");
  return id === CLIENT && secret === SECRET;
}

function sulk(mood: Mood): Response | Promise<Response> {
  const chunk = new Uint8Array(64 * 1024).fill(0x20);
  switch (mood) {
    case "silent":
      return new Promise<Response>(() => undefined);
    case "endless":
      return new Response(
        new ReadableStream({
          start: (stream) => stream.enqueue(chunk.subarray(0, 1)),
        }),
        { headers: { "content-type": "application/json" } },
      );
    case "huge":
      return new Response(new ReadableStream({ pull: (stream) => stream.enqueue(chunk) }), {
        headers: { "content-type": "application/json" },
      });
    default:
      return new Response("<script>alert(1)</script>", {
        status: 500,
        headers: { "content-type": "text/html" },
      });
  }
}
