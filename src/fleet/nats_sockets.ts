/**
 * The sockets to brokers. The library leaves that of a try which comes to nothing open: a broker that lets
 * connect and never answers would take a descriptor a try, and keep the process after its end.
 */

import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import type * as Nats from "@nats-io/transport-node";
import type * as Node from "@nats-io/transport-node/lib/node_transport.js";

/** Has every connection of the library from now on close its socket, whatever becomes of it. */
export function closeSockets(
  { setTransportFactory }: Pick<typeof Nats, "setTransportFactory">,
  { NodeTransport, nodeResolveHost }: typeof Node,
): void {
  class ClosedTransport extends NodeTransport {
    #dialed: Socket | undefined;

    override async dial(server: { hostname: string; port: number }): Promise<Socket> {
      const socket = createConnection(server.port, server.hostname);
      this.#dialed = socket;
      socket.setNoDelay(true);
      await once(socket, "connect");
      return socket;
    }

    override async close(error?: Error): Promise<void> {
      // What is connected, the library closes.
      if (!this.connected) this.#dialed?.destroy();
      await super.close(error);
    }
  }
  setTransportFactory({ factory: () => new ClosedTransport(), dnsResolveFn: nodeResolveHost });
}
