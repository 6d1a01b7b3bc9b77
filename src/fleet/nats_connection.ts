/** One connection to a broker. When it is lost it is over: who needs another opens it, at an instant of its own. */

import { lookup } from "node:dns/promises";
import type * as JetStream from "@nats-io/jetstream";
import type * as Nats from "@nats-io/transport-node";
import { ImmuconfigError, messageOf } from "../base/errors.ts";
import { cannotRead } from "../base/fs_errors.ts";
import { readUpTo } from "../base/read_file.ts";
import { readTrustedFile } from "../trust/owned_file.ts";
import { isEncrypted, type NatsSettings } from "./nats_settings.ts";
import { NatsSocket, type SocketOptions } from "./nats_socket.ts";

export interface NatsLink {
  /** What asks JetStream. */
  readonly streams: JetStream.JetStreamManager;
  readonly connection: Nats.NatsConnection;
  readonly nats: typeof Nats;
  readonly jetstream: typeof JetStream;
}

/** Milliseconds that connecting to a server may take. */
const CONNECT_MS = 5000;
/** Milliseconds that a stream may take to answer. */
export const JETSTREAM_MS = 2000;
/** Milliseconds between two signs of life, of which two may be missing. */
const PING_MS = 60_000;
const CREDENTIALS_SIZE_MAX = 64 * 1024;
const CA_SIZE_MAX = 1024 * 1024;

/**
 * @param name by which the servers list it
 * @param signal ends the try
 * @throws ImmuconfigError `ERR_NETWORK` where none of the servers lets it in; `ERR_READ`, `ERR_VALUE`
 */
export async function connectNats(
  settings: NatsSettings,
  name: string,
  signal?: AbortSignal,
): Promise<NatsLink> {
  const { nats, jetstream } = await load();
  const { servers, domain, ca, credentials } = settings;
  const tls = isEncrypted(settings)
    ? { tls: ca === undefined ? {} : { ca: readCertificates(ca) } }
    : {};
  const login =
    credentials === undefined ? {} : { authenticator: authenticator(nats, credentials) };
  const trying = new AbortController();
  const stop = (): void => trying.abort();
  signal?.addEventListener("abort", stop);
  if (signal?.aborted === true) stop();
  const options: SocketOptions = {
    servers: [...servers],
    name,
    reconnect: false,
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    noEcho: true,
    ...tls,
    ...login,
    signal: trying.signal,
  };
  try {
    const connection = await nats.NatsConnectionImpl.connect(options);
    const streams = await jetstream.jetstreamManager(connection, {
      checkAPI: false,
      timeout: JETSTREAM_MS,
      ...(domain === undefined ? {} : { domain }),
    });
    return { connection, streams, nats, jetstream };
  } catch (cause) {
    throw unreachable(settings, cause);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

async function load(): Promise<Pick<NatsLink, "nats" | "jetstream">> {
  const [nats, jetstream] = await Promise.all([
    import("@nats-io/transport-node"),
    import("@nats-io/jetstream"),
  ]);
  nats.setTransportFactory({
    factory: () => new NatsSocket(nats),
    dnsResolveFn: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
  });
  return { nats, jetstream };
}

function readCertificates(path: string): string {
  const text = new TextDecoder().decode(readUpTo(path, CA_SIZE_MAX));
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw cannotRead(path, "it has no certificate in PEM", "Name the file of the CA: --nats-ca.");
}

/** The file is read anew for every connection: it may have been replaced by one that lives. */
function authenticator(nats: typeof Nats, path: string): Nats.Authenticator {
  const text = readTrustedFile(path, CREDENTIALS_SIZE_MAX, { secret: true });
  if (text === undefined) throw cannotRead(path, "there is no such file", "See --nats-creds.");
  const encoder = new TextEncoder();
  // The library takes only the line ends of Unix.
  const seed = text.replaceAll("\r\n", "\n").trim();
  if (/^SU[A-Z2-7]{56}$/.test(seed)) return nats.nkeyAuthenticator(encoder.encode(seed));
  if (text.includes("-----BEGIN NATS USER JWT-----")) {
    return nats.credsAuthenticator(encoder.encode(`${seed}\n`));
  }
  throw cannotRead(
    path,
    "it holds neither credentials of NATS nor the seed of an NKey",
    "Credentials are what `nsc generate creds` writes; a seed is one line, SU….",
  );
}

/** @param cause what the library threw; an ImmuconfigError is given back */
export function unreachable({ servers }: NatsSettings, cause: unknown): ImmuconfigError {
  if (cause instanceof ImmuconfigError) return cause;
  const words = messageOf(cause);
  const why = words === "" ? "no answer" : words;
  return new ImmuconfigError("ERR_NETWORK", `NATS at ${servers.join(", ")}: ${why}`, {
    cause,
    hint: isRefusal(cause)
      ? "Does the broker know these credentials? See --nats-creds."
      : "Is it running, is the address right, and is its certificate by --nats-ca?",
  });
}

/** Whether an error of `connectNats` may mend itself: nobody answers, or not as a broker that is ready does. */
export function isAway(error: unknown): boolean {
  return (
    error instanceof ImmuconfigError && error.code === "ERR_NETWORK" && !isRefusal(error.cause)
  );
}

/** By the words of a broker that lets nobody in with these credentials, and the library's of those that are none. */
function isRefusal(cause: unknown): boolean {
  return /^(authorization violation|(user|account) authentication (expired|revoked)|nkeys: |unable to parse credentials)/i.test(
    messageOf(cause),
  );
}
