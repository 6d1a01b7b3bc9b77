/** Which brokers a command talks to. */

import type { NatsWishes } from "../../../fleet/nats_settings.ts";
import type { CommandArguments, OptionSpec } from "../../args/arguments.ts";

export const NATS_OPTIONS = {
  nats: {
    multiple: true,
    value: "URL",
    summary: "a NATS server: tls://HOST:PORT (IMMUCONFIG_NATS, with commas)",
  },
  "nats-ca": { value: "FILE", summary: "whose certificates its own is by (default: the system's)" },
  "nats-creds": { value: "FILE", summary: "credentials of NATS, or the seed of an NKey" },
  "nats-org": {
    value: "NAME",
    summary: "where several control planes share the brokers (default: default)",
  },
  "nats-domain": {
    value: "NAME",
    summary: "the hub's domain of JetStream: behind a leaf, it must be named",
  },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export function parseNats(args: CommandArguments): NatsWishes {
  return {
    servers: args.values("nats"),
    org: args.value("nats-org"),
    domain: args.value("nats-domain"),
    ca: args.value("nats-ca"),
    credentials: args.value("nats-creds"),
  };
}
