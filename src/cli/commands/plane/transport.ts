/** How a command hears of an environment: from the server, or over NATS. */

import { PlaneClient } from "../../../agent/plane_client.ts";
import type { Transport } from "../../../agent/transport.ts";
import { natsSettings, type NatsWishes } from "../../../fleet/nats_settings.ts";
import type { File } from "../../../format/file.ts";
import type { Context } from "../../command.ts";
import { type AddressRequest, planeAddress, planePlace, serverOf } from "./address.ts";

export interface TransportRequest extends AddressRequest {
  readonly nats: NatsWishes;
}

interface Source {
  readonly transport: Transport;
  /** Of whom a number of a set is: what was kept from another is no floor. */
  readonly from: string;
}

/**
 * @param file the project's, for its name
 * @param onTrouble gets what the brokers' connection meets
 * @throws ImmuconfigError `ERR_USAGE` where something is missing; `ERR_VALUE`, `ERR_READ`
 */
export async function openTransport(
  context: Context,
  request: TransportRequest,
  file: File | undefined,
  onTrouble: (message: string) => void,
): Promise<Source> {
  const settings = natsSettings(request.nats, context.env);
  const server = serverOf(context, request);
  if (settings === undefined) {
    // The token may stand in a pipe, which is read once.
    const address = planeAddress(context, request, file);
    return { transport: new PlaneClient(address), from: address.server };
  }
  const options = { settings, ...planePlace(context, request, file), onTrouble };
  const transport = await context.companion("server", ({ openNats }) => openNats(options));
  return { transport, from: server ?? `nats:${settings.org}` };
}
