/** Records over a broker: as they are, and where they are too large, by way of the control plane. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { EventStream } from "../../src/agent/event_stream.ts";
import { PlaneClient } from "../../src/agent/plane_client.ts";
import { sha256Bytes } from "../../src/base/digest.ts";
import type { ImmuconfigError } from "../../src/base/errors.ts";
import { compareBytes } from "../../src/format/bytes.ts";
import { encodeFile } from "../../src/format/file.ts";
import { RECORD_SIZE_MAX } from "../../src/fleet/subjects.ts";
import { FILE } from "../agent/host.ts";
import { SHOP } from "../api/support.ts";
import { rejectionOf } from "../support/errors.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { settingsFor, ShopPlane, statesOf, transportFor } from "./fleet.ts";

setDefaultTimeout(60_000);

const SMALL = encodeFile(FILE);
const PACKAGE_COUNT = RECORD_SIZE_MAX / 32 + 1;

/** The next generation, with more packages than a message holds. */
function largeRecord(): Uint8Array {
  const digests = Array.from({ length: PACKAGE_COUNT }, (_, index) => sha256Bytes(`${index}`));
  const packages = new Uint8Array(Buffer.concat(digests.toSorted(compareBytes)));
  return encodeFile({ ...FILE, generation: FILE.generation + 1, packages });
}

test.skipIf(!hasNats())(
  "a record comes whole, and a large one is fetched from the control plane and checked",
  async () => {
    await using broker = await Broker.start();
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    await shop.published();
    const { server, token } = shop.plane;
    const address = { server: server.url.href, token, project: "shop", environment: "live" };
    const client = new PlaneClient(address);
    const stop = new AbortController();
    const transports = [transportFor([broker.url], client), new EventStream(client)];
    const followed = transports.map((transport) => statesOf(transport, ["record"], stop.signal));
    for (const next of followed) expect(await next()).toEqual({ kind: "record", bytes: SMALL });

    const large = largeRecord();
    const { etag } = await shop.plane.call("GET", SHOP);
    const pushed = await shop.plane.call("PUT", `${SHOP}/record`, large, { "if-match": etag });
    expect(pushed.status).toBe(200);
    for (const next of followed) expect(await next()).toEqual({ kind: "record", bytes: large });
    stop.abort();
    await Promise.allSettled(followed.map((next) => next()));

    await shop.published();
    const alone = (await rejectionOf(transportFor([broker.url]).record())) as ImmuconfigError;
    expect([alone.code, alone.hint]).toEqual([
      "ERR_NETWORK",
      expect.stringContaining("--server URL"),
    ]);
    const another = { record: () => Promise.resolve(large.with(large.length - 1, 1)) };
    const wrong = (await rejectionOf(
      transportFor([broker.url], another).record(),
    )) as ImmuconfigError;
    expect(wrong.code).toBe("ERR_DIGEST");
  },
);
