/** Names, settings and messages of the fleet, without a broker. */

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { sha256 } from "../../src/base/digest.ts";
import { HEADER_SIZE } from "../../src/format/layout.ts";
import { natsSettings } from "../../src/fleet/nats_settings.ts";
import { Newest } from "../../src/fleet/newest.ts";
import { recordMessage } from "../../src/fleet/state_message.ts";
import {
  hostOfSubject,
  placeOfSubject,
  RECORD_SIZE_MAX,
  stateSubject,
  statusSubject,
} from "../../src/fleet/subjects.ts";
import type { ImmuconfigError } from "../../src/base/errors.ts";
import { errorOf } from "../support/errors.ts";

describe("subjects", () => {
  test("are what they were", () => {
    const place = { org: "default", project: "shop", environment: "live" };
    expect(stateSubject(place, "overrides")).toBe("imm.v1.default.shop.live.overrides");
    expect(stateSubject({ ...place, project: "a.b *>=é" }, "record")).toBe(
      "imm.v1.default.a=2Eb=20=2A=3E=3D=C3=A9.live.record",
    );
    expect(statusSubject(place, "web-1.example.test")).toBe(
      "imm.v1.default.shop.live.status.web-1=2Eexample=2Etest",
    );
  });

  test("tell any names apart, and give them back", () => {
    const name = fc.string({ unit: "binary" }).filter((text) => text.isWellFormed());
    fc.assert(
      fc.property(name, name, name, (org, project, environment) => {
        const place = { org, project, environment };
        const subject = statusSubject(place, project);
        expect(subject).toMatch(/^imm\.v1(\.[\w=-]+){3}\.status\.[\w=-]+$/);
        expect(placeOfSubject(subject)).toEqual(place);
        expect(hostOfSubject(subject)).toBe(project);
      }),
    );
  });

  test.each([
    "imm.v2.a.b.c.record",
    "other.v1.a.b.c",
    "imm.v1.a.b",
    "imm.v1.=2e.b.c.record",
    "imm.v1.=FF.b.c.record",
    "imm.v1.a.b.=61.record",
  ])("%s is none of ours", (subject) => expect(placeOfSubject(subject)).toBeUndefined());
});

describe("settings", () => {
  test("are of the command line, and else of the environment", () => {
    expect(natsSettings({}, {})).toBeUndefined();
    const env = {
      IMMUCONFIG_NATS: "tls://a.example.test:4222,tls://b.example.test:4222",
      IMMUCONFIG_NATS_ORG: "acme",
      IMMUCONFIG_NATS_DOMAIN: "hub",
      IMMUCONFIG_NATS_CA: "/ca.pem",
      IMMUCONFIG_NATS_CREDS: "/host.creds",
    };
    expect(natsSettings({ servers: [] }, env)).toEqual({
      servers: ["tls://a.example.test:4222", "tls://b.example.test:4222"],
      org: "acme",
      domain: "hub",
      ca: "/ca.pem",
      credentials: "/host.creds",
    });
    const own = { servers: ["nats://127.0.0.1:4222"], org: "other" };
    expect(natsSettings(own, env)).toMatchObject({ ...own, domain: "hub" });
  });

  const wrong: [string, string, string][] = [
    ["nats://nats.example.test:4222", "is not the address", "tls://HOST:PORT"],
    ["https://nats.example.test", "is not the address", "tls://HOST:PORT"],
    ["nonsense", "is not the address", "tls://HOST:PORT"],
    ["tls://nats.example.test:4222/path", "is not the address", "tls://HOST:PORT"],
    ["tls://user:secret@nats.example.test", "a secret in it", "--nats-creds"],
    ["user:secret@nats.example.test:4222", "a secret in it", "--nats-creds"],
    ["nats://user:secret@127.0.0.1:99999", "a secret in it", "--nats-creds"],
    ["tls://nats.example.test?token=user:secret", "is not the address", "tls://HOST:PORT"],
  ];
  test.each(wrong)("%s is refused", (server, message, hint) => {
    const error = refusal(() => natsSettings({ servers: [server] }, {}));
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("user:secret");
    expect(error.hint).toContain(hint);
  });

  test("one server in the clear beside one that is not is refused", () => {
    const servers = ["nats://127.0.0.1:1", "tls://nats.example.test:4222"];
    expect(refusal(() => natsSettings({ servers }, {})).message).toContain("others by nats://");
  });

  test("what names no server is refused", () => {
    expect(refusal(() => natsSettings({ org: "acme" }, {})).code).toBe("ERR_USAGE");
    expect(refusal(() => natsSettings({ servers: ["nats://[::1]:1"], org: "A.b" }, {})).code).toBe(
      "ERR_VALUE",
    );
    expect(
      refusal(() => natsSettings({ servers: ["nats://[::1]:1"], domain: "a.b" }, {})).code,
    ).toBe("ERR_VALUE");
  });
});

describe("messages", () => {
  const path = "/v1/projects/shop/environments/live/record";

  test("a record that fits is itself; a larger one is named, by its digest", () => {
    const small = new Uint8Array(RECORD_SIZE_MAX).fill(7);
    const message = recordMessage(small, path);
    expect(message.payload).toBe(small);
    expect(message.headers).toEqual({ "Imm-Sha256": sha256(small) });

    const large = new Uint8Array(RECORD_SIZE_MAX + 1).fill(7);
    const named = recordMessage(large, path);
    expect(named.payload).toEqual(large.subarray(0, HEADER_SIZE));
    expect(named.headers).toEqual({ "Imm-Sha256": sha256(large), "Imm-Url": path });
  });
});

describe("what comes one after the other", () => {
  test("who reads slowly gets the newest", async () => {
    const seen: number[] = [];
    const first = Promise.withResolvers<void>();
    const newest = new Newest<number>((next) => {
      seen.push(next);
      if (seen.length === 2) newest.end();
      return first.promise;
    });
    for (let i = 0; i <= 1000; i++) newest.put(i);
    expect(seen).toEqual([0]);
    first.resolve();
    await newest.ended;
    newest.put(1001);
    expect(seen).toEqual([0, 1000]);
  });

  test("it ends when what is being taken has been, and nothing is taken afterwards", async () => {
    const taken = Promise.withResolvers<void>();
    const seen: number[] = [];
    const newest = new Newest<number>((next) => {
      seen.push(next);
      return taken.promise;
    });
    newest.put(1);
    newest.put(2);
    let isOver = false;
    const over = newest.ended.then(
      () => (isOver = true),
      (error: unknown) => error,
    );
    newest.end(new Error("the connection is lost"));
    await Bun.sleep(1);
    expect(isOver).toBe(false);
    taken.resolve();
    expect(await over).toHaveProperty("message", "the connection is lost");
    expect(seen).toEqual([1]);
  });

  test("what a reader throws is the end", async () => {
    const newest = new Newest<number>(() => Promise.reject(new Error("no disk")));
    newest.put(1);
    expect(await newest.ended.catch((error: unknown) => error)).toHaveProperty(
      "message",
      "no disk",
    );
  });
});

function refusal(action: () => unknown): ImmuconfigError {
  return errorOf(action) as ImmuconfigError;
}
