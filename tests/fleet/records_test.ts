/** Records over a broker: as they are, and where they are too large, by their place at the control plane. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { sha256, sha256Bytes } from "../../src/base/digest.ts";
import { compareBytes } from "../../src/format/bytes.ts";
import { encodeFile } from "../../src/format/file.ts";
import { HEADER_SIZE } from "../../src/format/layout.ts";
import { RECORD_SIZE_MAX } from "../../src/fleet/subjects.ts";
import { FILE } from "../agent/host.ts";
import { SHOP } from "../api/support.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { keptRecord, settingsFor, ShopPlane } from "./fleet.ts";

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
  "a record comes whole, and of a large one its header, its digest and where it is",
  async () => {
    await using broker = await Broker.start();
    await using shop = await ShopPlane.start(settingsFor([broker.url]));
    await shop.published();
    expect(await keptRecord(broker.url)).toEqual({
      bytes: SMALL,
      digest: sha256(SMALL),
      path: "",
    });

    const large = largeRecord();
    const { etag } = await shop.plane.call("GET", SHOP);
    const pushed = await shop.plane.call("PUT", `${SHOP}/record`, large, { "if-match": etag });
    expect(pushed.status).toBe(200);
    await shop.published();
    const { bytes, digest, path } = await keptRecord(broker.url);
    expect(bytes).toEqual(large.subarray(0, HEADER_SIZE));
    expect(digest).toBe(sha256(large));
    expect(await shop.fetch(path)).toEqual(large);
  },
);
