/** Which brokers to talk to, and as whom. Secrets are in files, never in words of a command line. */

import type { Environment } from "../base/environment.ts";
import { ImmuconfigError, valueError } from "../base/errors.ts";
import { requirePlaceName } from "../base/place_name.ts";
import { isThisMachine, parseUrl, quote, quoteAddress } from "../base/text.ts";

export interface NatsSettings {
  /** `tls://HOST:PORT`, or `nats://` to this machine; all of one cluster, or of one leaf. */
  readonly servers: readonly string[];
  /** Whose control plane it is, where several share a broker. */
  readonly org: string;
  /** Of JetStream, as the hub names it: a leaf carries what is asked of the stream by this name alone. */
  readonly domain: string | undefined;
  /** The path of certificates, in PEM, that the servers' are signed by; those of the system without it. */
  readonly ca: string | undefined;
  /** The path of a file of credentials (a JWT and its seed), or of an NKey's seed. */
  readonly credentials: string | undefined;
}

const DEFAULT_ORG = "default";
const SERVER_COUNT_MAX = 16;
const DOMAIN = /^[\w-]{1,63}$/;

/** What a command line says, each of which may be missing. */
export type NatsWishes = { readonly [Name in keyof NatsSettings]?: NatsSettings[Name] | undefined };

/**
 * What the command line says, and what the environment says where it says nothing: `IMMUCONFIG_NATS` (URLs
 * with commas between them), `IMMUCONFIG_NATS_ORG`, `IMMUCONFIG_NATS_DOMAIN`, `IMMUCONFIG_NATS_CA`, `IMMUCONFIG_NATS_CREDS`.
 *
 * @returns nothing where no server is named
 * @throws ImmuconfigError `ERR_VALUE` for an address that is none; `ERR_USAGE` for settings without one
 */
export function natsSettings(wishes: NatsWishes, env: Environment): NatsSettings | undefined {
  const named = env["IMMUCONFIG_NATS"]?.split(",").filter((url) => url !== "") ?? [];
  const servers = wishes.servers?.length ? wishes.servers : named;
  if (servers.length === 0) {
    const { org, domain, ca, credentials } = wishes;
    if ((org ?? domain ?? ca ?? credentials) === undefined) return undefined;
    throw new ImmuconfigError("ERR_USAGE", "the NATS server is not named", {
      hint: "Give --nats URL or IMMUCONFIG_NATS.",
    });
  }
  if (servers.length > SERVER_COUNT_MAX) throw valueError(`at most ${SERVER_COUNT_MAX} servers`);
  const org = wishes.org ?? env["IMMUCONFIG_NATS_ORG"] ?? DEFAULT_ORG;
  requirePlaceName(org, "an organisation");
  const domain = wishes.domain ?? env["IMMUCONFIG_NATS_DOMAIN"];
  if (domain !== undefined && !DOMAIN.test(domain)) {
    throw valueError(
      `${quote(domain)} is no domain of JetStream`,
      "Give the name that stands in the hub's configuration: jetstream { domain: NAME }.",
    );
  }
  const protocols = new Set(servers.map(protocolOf));
  if (protocols.size > 1) {
    throw valueError(
      "some of the NATS servers are reached by tls://, others by nats://",
      "Give tls:// for all: one that is not encrypted would be used in the place of one that is.",
    );
  }
  return {
    servers,
    org,
    domain,
    ca: wishes.ca ?? env["IMMUCONFIG_NATS_CA"],
    credentials: wishes.credentials ?? env["IMMUCONFIG_NATS_CREDS"],
  };
}

export function isEncrypted({ servers }: NatsSettings): boolean {
  return servers.some((server) => protocolOf(server) === "tls:");
}

function protocolOf(server: string): string {
  // Also where it is no address at all: what stands before it is not to be told.
  if (server.includes("@")) {
    throw valueError(
      "the address of a NATS server has a secret in it, which anybody could see in the list of processes",
      "Put it into a file, and name that: --nats-creds FILE.",
    );
  }
  const url = parseUrl(server);
  if (url === null || url.hostname === "") throw noServer(server);
  const { protocol, hostname, pathname, search, hash } = url;
  if (!/^\/?$/.test(pathname) || search !== "" || hash !== "") throw noServer(server);
  if (protocol === "tls:" || (protocol === "nats:" && isThisMachine(hostname))) return protocol;
  throw noServer(server);
}

function noServer(server: string): ImmuconfigError {
  return valueError(
    `${quoteAddress(server)} is not the address of a NATS server`,
    "Give tls://HOST:PORT; nats:// goes to this machine only.",
  );
}
