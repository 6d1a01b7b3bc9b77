/** Brokers that somebody has set up otherwise than docs/fleet.md says. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { jetstreamManager, RetentionPolicy } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { STREAM, STREAM_SUBJECTS } from "../../src/fleet/subjects.ts";
import { sha256, sha256Bytes } from "../../src/base/digest.ts";
import { compareBytes } from "../../src/format/bytes.ts";
import { encodeFile } from "../../src/format/file.ts";
import { HEADER_SIZE } from "../../src/format/layout.ts";
import { FILE } from "../agent/host.ts";
import { SHOP } from "../api/support.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { until } from "../support/until.ts";
import { keptRecord, settingsFor, ShopPlane, transportFor } from "./fleet.ts";

setDefaultTimeout(60_000);

/** What the server's log tells an operator, in words. */
function toldBy({ plane }: ShopPlane): { readonly message: string; readonly hint: string }[] {
  return plane.faults.map((fault) => {
    if (!(fault instanceof ImmuconfigError)) throw new Error(`it has no hint: ${String(fault)}`);
    return { message: fault.message, hint: fault.hint ?? "" };
  });
}

test.skipIf(!hasNats())(
  "of one that takes small messages, a record is named and can be fetched",
  async () => {
    await using broker = await Broker.start({ config: "max_payload: 4096" });
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    const digests = Array.from({ length: 128 }, (_, index) => sha256Bytes(`${index}`));
    const packages = new Uint8Array(Buffer.concat(digests.toSorted(compareBytes)));
    const record = encodeFile({ ...FILE, generation: FILE.generation + 1, packages });
    const { plane } = shop;
    const { etag } = await plane.call("GET", SHOP);
    const pushed = await plane.call("PUT", `${SHOP}/record`, record, { "if-match": etag });
    expect(pushed.status).toBe(200);
    await shop.published();
    const { bytes, digest, path } = await keptRecord(broker.url);
    expect(bytes).toEqual(record.subarray(0, HEADER_SIZE));
    expect(digest).toBe(sha256(record));
    expect(await shop.fetch(path)).toEqual(record);
    const transport = transportFor([broker.url]);
    expect(await transport.overrides()).toBe((await shop.set()).text);
    expect(plane.faults).toEqual([]);
  },
);

test.skipIf(!hasNats())(
  "of one that takes no set the server says so, and stays connected",
  async () => {
    await using broker = await Broker.start({ config: "max_payload: 1100" });
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    await until(() => shop.plane.faults.length > 0);
    await shop.flip();
    await until(() => shop.plane.faults.length > 0);
    const [told] = toldBy(shop);
    expect(told?.message).toContain("the broker takes 76 beside the headers");
    expect(told?.hint).toContain("max_payload");
    expect(await shop.health()).toEqual({ connected: true, waiting: 1 });
  },
);

test.skipIf(!hasNats())(
  "a stream that forgets is not used, and a good one in its place is",
  async () => {
    await using broker = await Broker.start();
    const connection = await connect({ servers: broker.url });
    const { streams } = await jetstreamManager(connection);
    await streams.add({
      name: STREAM,
      subjects: [...STREAM_SUBJECTS],
      max_msgs_per_subject: 1,
      allow_direct: true,
      retention: RetentionPolicy.Interest,
      max_age: 60e9,
    });
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    await until(() => shop.plane.faults.length > 0);
    const [told] = toldBy(shop);
    expect(told?.message).toContain("it forgets what nobody consumes, it forgets what is older");
    expect(told?.hint).toContain("or delete it");
    await streams.delete(STREAM);
    await shop.published();
    expect(await transportFor([broker.url]).overrides()).toBe((await shop.set()).text);
    await connection.close();
  },
);
