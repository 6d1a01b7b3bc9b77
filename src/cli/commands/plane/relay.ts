import { resolve } from "node:path";
import { KeptSet } from "../../../agent/kept_set.ts";
import { askedToStop } from "../../../base/asked_to_stop.ts";
import { requireBunFor } from "../../../base/bun_only.ts";
import { TLS_FILE_SIZE_MAX } from "../../../base/limits.ts";
import { readNamed } from "../../../base/read_file.ts";
import { isThisMachine } from "../../../base/text.ts";
import { count } from "../../../base/units.ts";
import { stateFolder } from "../../../base/user_folders.ts";
import type { RelayEvent } from "../../../fleet/relay/relay.ts";
import { requireHome } from "../../../trust/owned_file.ts";
import { readPublicKey } from "../../../trust/keys/public_key.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { listenOptions, type ListenRequest, parseListen } from "./listen_options.ts";
import { ADDRESS_OPTIONS, parseAddress, planePlace } from "./address.ts";
import { NATS_OPTIONS, parseNats } from "./nats_options.ts";
import { openTransport, type TransportRequest } from "./transport.ts";

const DEFAULT_PORT = 8738;
const STREAMS = { none: 5000, least: 1, most: 100_000 };

export interface RelayRequest extends TransportRequest, ListenRequest {
  /** Raw keys that may sign. */
  readonly keys: readonly Uint8Array[];
  readonly streams: number;
  readonly tokens: string | undefined;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly data: string | undefined;
}

export const relayCommand: Command<RelayRequest> = {
  usage: [
    "--online-key KEY… [--server URL] [--project NAME] [--env NAME] [--tokens FILE | --open] " +
      "[--host HOST --tls-cert FILE --tls-key FILE] [--port PORT] [--streams COUNT] [--data DIR]",
    "--online-key KEY… --nats URL… [--nats-ca FILE] [--nats-creds FILE] [--nats-org NAME] [--nats-domain NAME]",
  ],
  takesFiles: true,
  options: {
    ...ADDRESS_OPTIONS,
    ...NATS_OPTIONS,
    "online-key": {
      multiple: true,
      value: "KEY",
      summary: "hand on sets by this key, and by no other: the server shows it at /v1/online-key",
    },
    ...listenOptions(DEFAULT_PORT, "; others need --tls-cert"),
    "tls-cert": { value: "FILE", summary: "the certificate of its name, in PEM" },
    "tls-key": { value: "FILE", summary: "the certificate's private key, in PEM" },
    tokens: {
      value: "FILE",
      summary: "let in the tokens whose SHA-256 stand there, a line each; it may change meanwhile",
    },
    open: { summary: "let in everybody who reaches it" },
    streams: { value: "COUNT", summary: `event streams open at once (default ${STREAMS.none})` },
    data: { value: "DIR", summary: "keep the last set here (default: the user's state)" },
  },
  examples: [
    "bun-config relay --server https://flags.example.test --project shop --env live --online-key KEY",
    "bun-config relay … --host 10.0.0.7 --tls-cert relay.pem --tls-key relay.key --tokens hosts.txt",
    'printf %s "$TOKEN" | sha256sum >> hosts.txt   # a token that a host may come with',
  ],
  parse(args) {
    args.exactly([]);
    const streams = args.number("streams", STREAMS);
    const keys = args.values("online-key").map(readPublicKey);
    if (keys.length === 0) {
      throw usageError(
        "no key is named whose sets are handed on",
        "Give --online-key KEY: the server shows it at /v1/online-key; compare it there.",
      );
    }
    const request = {
      ...parseAddress(args),
      nats: parseNats(args),
      ...parseListen(args, DEFAULT_PORT),
      keys,
      streams,
      tokens: args.value("tokens"),
      tls: parseTls(args),
      data: args.value("data"),
    };
    requireDecision(request, args.has("open"));
    return request;
  },
  async run(context, request) {
    requireBunFor("a relay");
    const { HostReports } = await import("../../../fleet/relay/host_reports.ts");
    const { HostTokens } = await import("../../../fleet/relay/host_tokens.ts");
    const { Relay } = await import("../../../fleet/relay/relay.ts");
    const { RelayServer } = await import("../../../fleet/relay/relay_server.ts");
    const { cwd, env, now, out } = context;
    const { project, environment } = planePlace(context, request, undefined);
    const onTrouble = (message: string): void =>
      report(context, { kind: "offline", message }, server.streams);
    const { transport, from } = await openTransport(context, request, undefined, onTrouble);
    const folder =
      request.data === undefined ? requireHome(stateFolder(env)) : resolve(cwd, request.data);
    const relay = new Relay({
      transport,
      project,
      environment,
      keys: request.keys,
      kept: new KeptSet(folder, ["relay", from, project, environment]),
      now: () => now().getTime(),
      handOn: (set) => server.announce(set),
      report: (event) => report(context, event, server.streams),
      signal: askedToStop(),
    });
    const tokens =
      request.tokens === undefined
        ? undefined
        : new HostTokens(resolve(cwd, request.tokens), {
            ended: (owner) => server.end(owner),
            failed: (error) => out.note(`the tokens stay as they were: ${String(error)}`),
            recovered: (found) =>
              out.note(`the tokens can be read again: ${count(found, "token")}`),
          });
    const reports = new HostReports(transport);
    const server = new RelayServer({
      hostname: request.host,
      port: request.port,
      tls: readTls(cwd, request.tls),
      project,
      environment,
      tokens,
      streams: request.streams,
      relay,
      reported: (status) => reports.take(status),
    });
    out.note(`The relay of ${transport.name} is at ${server.url.href}`);
    await relay.run();
    reports.stop();
    tokens?.stop();
    await server.stop();
  },
};

function parseTls(args: CommandArguments): RelayRequest["tls"] {
  const [cert, key] = [args.value("tls-cert"), args.value("tls-key")];
  if (cert === undefined && key === undefined) return undefined;
  if (cert !== undefined && key !== undefined) return { cert, key };
  throw usageError("--tls-cert and --tls-key belong together");
}

/** Beyond this machine nobody is let in by accident, and no agent would come without TLS. */
function requireDecision({ host, tls, tokens }: RelayRequest, isOpen: boolean): void {
  if (isOpen && tokens !== undefined) throw usageError("--open and --tokens contradict each other");
  if (isThisMachine(host)) return;
  if (tls === undefined) {
    throw usageError(
      `agents come to ${host} by https only`,
      "Give --tls-cert and --tls-key, or listen on this machine behind a proxy that has them.",
    );
  }
  if (isOpen || tokens !== undefined) return;
  throw usageError(
    `it is not said who may ask at ${host}`,
    "Give --tokens FILE with the digests of the hosts' tokens, or --open for everybody who reaches it.",
  );
}

function readTls(
  cwd: string,
  tls: RelayRequest["tls"],
): { readonly cert: string; readonly key: string } | undefined {
  if (tls === undefined) return undefined;
  const read = (path: string): string => readNamed(resolve(cwd, path), TLS_FILE_SIZE_MAX);
  return { cert: read(tls.cert), key: read(tls.key) };
}

function report({ out, now }: Context, event: RelayEvent, streams: number): void {
  const time = now().toISOString();
  out.data({ time, ...event, streams }, `${time} ${textOf(event, streams)}`);
}

function textOf(event: RelayEvent, streams: number): string {
  switch (event.kind) {
    case "set":
      return `set ${event.sequence}${event.fromDisk ? ", as it was kept" : ""}: to ${streams} streams`;
    case "expired":
      return `set ${event.sequence} has run out: hosts that come new will not take it`;
    default:
      return `${event.kind}: ${event.message}`;
  }
}
