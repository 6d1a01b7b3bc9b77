/** At which provider of identities people may sign in, and as which client of it the server asks. */

import { resolve } from "node:path";
import type { Environment } from "../../base/environment.ts";
import { ImmuconfigError, valueError } from "../../base/errors.ts";
import { readUpTo } from "../../base/read_file.ts";
import { isSafeUrl, parseOrigin, parseUrl, quote } from "../../base/text.ts";

export interface OidcSettings {
  /** As the provider writes it (`iss`): `https://id.example.test`, or http to this machine. */
  readonly issuer: URL;
  readonly clientId: string;
  /** Nothing for a client without one: PKCE binds the code to this server all the same. */
  readonly secret: string | undefined;
  /** Where browsers open this server. Nothing of a request says where the provider sends them back. */
  readonly origin: string;
}

/** What a command line says, each of which may be missing. */
export interface OidcWishes {
  readonly issuer?: string | undefined;
  readonly clientId?: string | undefined;
  readonly origin?: string | undefined;
  /** The path of the file that holds the client's secret, which is in no word of a command line. */
  readonly secretFile?: string | undefined;
}

const CLIENT_ID_SIZE_MAX = 512;
/** Bytes. */
const SECRET_SIZE_MAX = 4096;

/**
 * What the command line says, and what the environment says where it says nothing: `IMMUCONFIG_OIDC_ISSUER`,
 * `IMMUCONFIG_OIDC_CLIENT_ID`, `IMMUCONFIG_OIDC_ORIGIN`, `IMMUCONFIG_OIDC_SECRET_FILE`; the secret itself may
 * be in `IMMUCONFIG_OIDC_SECRET`.
 *
 * @param folder that a path is relative to
 * @returns nothing where no provider is named
 * @throws ImmuconfigError `ERR_USAGE` where a part of it is missing; `ERR_VALUE` for an address or a secret
 *   that is none; `ERR_NOT_FOUND` and `ERR_READ` for its file
 */
export function oidcSettings(
  wishes: OidcWishes,
  env: Environment,
  folder: string,
): OidcSettings | undefined {
  const issuer = wishes.issuer ?? env["IMMUCONFIG_OIDC_ISSUER"];
  const clientId = wishes.clientId ?? env["IMMUCONFIG_OIDC_CLIENT_ID"];
  const origin = wishes.origin ?? env["IMMUCONFIG_OIDC_ORIGIN"];
  const secretFile = wishes.secretFile ?? env["IMMUCONFIG_OIDC_SECRET_FILE"];
  const secret = env["IMMUCONFIG_OIDC_SECRET"];
  if ((issuer ?? clientId ?? origin ?? secretFile ?? secret) === undefined) return undefined;
  if (issuer === undefined) throw missing("provider", "--oidc-issuer URL");
  if (clientId === undefined) throw missing("client", "--oidc-client-id ID");
  if (origin === undefined) throw missing("address of this server", "--oidc-origin ORIGIN");
  if (clientId === "" || clientId.length > CLIENT_ID_SIZE_MAX) {
    throw valueError(`${quote(clientId)} is not what a provider calls a client`);
  }
  return {
    issuer: issuerOf(issuer),
    clientId,
    origin: originOf(origin),
    secret: secretFile === undefined ? secret : secretIn(resolve(folder, secretFile)),
  };
}

/** Editors end a file with a line end, which is no part of a secret. */
function secretIn(path: string): string {
  const bytes = readUpTo(path, SECRET_SIZE_MAX + 1);
  const secret = new TextDecoder().decode(bytes).trim();
  if (secret !== "" && bytes.length <= SECRET_SIZE_MAX) return secret;
  throw valueError(
    `${path} is not the secret of a client`,
    `It holds the secret alone, in at most ${SECRET_SIZE_MAX} bytes.`,
  );
}

function missing(what: string, option: string): ImmuconfigError {
  return new ImmuconfigError(
    "ERR_USAGE",
    `people are to sign in by OIDC, but the ${what} is not named`,
    {
      hint: `Give ${option}: the issuer, the client and the origin go together.`,
    },
  );
}

function issuerOf(text: string): URL {
  const url = parseUrl(text);
  const { username, password, search, hash } = url ?? {};
  if (url !== null && isSafeUrl(url) && !username && !password && !search && !hash) return url;
  throw valueError(
    `${quote(text)} is not the address of an issuer`,
    "Give https://…, as its tokens have it in iss; http goes to this machine only.",
  );
}

function originOf(text: string): string {
  const url = parseOrigin(text);
  if (url !== null && isSafeUrl(url)) return url.origin;
  throw valueError(
    `${quote(text)} is not where browsers open the server`,
    "Give https://NAME alone, perhaps with a port; http is for http://localhost:PORT.",
  );
}
