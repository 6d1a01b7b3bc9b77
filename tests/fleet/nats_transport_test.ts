import { expect, spyOn, test } from "bun:test";
import { connect, headers } from "@nats-io/transport-node";
import { stateSubject } from "../../src/fleet/subjects.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { setsOf, transportFor } from "./fleet.ts";

/** What parses the headers of a message. */
const parser = Object.getPrototypeOf(headers()).constructor as {
  decode(bytes: Uint8Array): unknown;
};

test.skipIf(!hasNats())("the headers of a set are not parsed", async () => {
  await using broker = await Broker.start();
  const place = { org: "default", project: "shop", environment: "live" };
  const publisher = await connect({ servers: broker.url });
  const sent = headers();
  sent.set("Nats-Expected-Last-Subject-Sequence", "1");
  using parsed = spyOn(parser, "decode");
  const stop = new AbortController();
  const next = setsOf(transportFor([broker.url]), stop.signal);
  // Nothing is kept for who subscribes later.
  const again = setInterval(() => {
    publisher.publish(stateSubject(place, "overrides"), "a set", { headers: sent });
  }, 10);
  const text = await next();
  clearInterval(again);
  expect(text).toBe("a set");
  expect(parsed.mock.calls.map(([bytes]) => Buffer.from(bytes).toString())).not.toContainEqual(
    expect.stringContaining("Nats-Expected"),
  );
  stop.abort();
  await publisher.close();
});
