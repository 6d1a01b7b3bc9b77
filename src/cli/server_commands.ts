/** The commands of `@immuconfig/server`, and what others need of it. */

import type { Transport } from "../agent/transport.ts";
import type { NatsTransportOptions } from "../fleet/nats_transport.ts";
import type { Command } from "./command.ts";
import type { simulate as Simulate } from "./commands/plane/simulate/simulate.ts";

export const serve = async (): Promise<Command> =>
  (await import("./commands/plane/serve.ts")).serveCommand;
export const relay = async (): Promise<Command> =>
  (await import("./commands/plane/relay.ts")).relayCommand;

/** What hears by NATS: its library is this package's. */
export const openNats = async (options: NatsTransportOptions): Promise<Transport> =>
  new (await import("../fleet/nats_transport.ts")).NatsTransport(options);

/** A fleet on this machine, with a control plane of its own. */
export const simulate = async (): Promise<typeof Simulate> =>
  (await import("./commands/plane/simulate/simulate.ts")).simulate;
