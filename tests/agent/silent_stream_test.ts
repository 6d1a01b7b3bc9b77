/** Event streams whose other end is gone, and nothing says so. */

import { afterEach, expect, jest, setDefaultTimeout, test } from "bun:test";
import { PlaneClient } from "../../src/agent/plane_client.ts";
import { EventHub } from "../../src/api/events/hub.ts";
import { STREAM_BEAT_MS, STREAM_SILENCE_MS } from "../../src/base/limits.ts";
import { encodeFile } from "../../src/format/file.ts";
import { makeShop, Plane, SHOP } from "../api/support.ts";
import { failure } from "../support/failure.ts";
import { ForgetfulProxy } from "../support/forgetful_proxy.ts";
import { newTemporaryFolder } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { FILE } from "./host.ts";
import { memoryHost } from "./memory_host.ts";

setDefaultTimeout(60_000);
afterEach(() => void jest.useRealTimers());

const SILENCE_MS = 1500;

test("an agent whose connection was forgotten on the way hears of the next change over another", async () => {
  const data = newTemporaryFolder();
  await using plane = await Plane.start({ data }, undefined, undefined, Date.now());
  const tag = await makeShop(plane, encodeFile(FILE));
  const { body } = await plane.call("GET", "/v1/online-key");
  await using proxy = await ForgetfulProxy.start(plane.server.url);
  const stop = new AbortController();
  const host = memoryHost(proxy.url, plane.token, body.publicKey, stop.signal, SILENCE_MS);
  await until(() => host.sequences.length > 0);
  proxy.forget();
  const wish = { enabled: false, reason: "to try" };
  const path = `${SHOP}/overrides/CHECKOUT`;
  expect((await plane.call("PUT", path, wish, { "if-match": tag })).status).toBe(200);
  await until(() => host.sequences.length > 1);
  expect(host.overrides).toEqual({ CHECKOUT: false });
  stop.abort();
});

test("a server has a sign of life on a quiet stream three times in the silence that a client bears", async () => {
  jest.useFakeTimers();
  const hub = new EventHub(Date.now);
  const reader = hub.open("shop/live", "id: 1\n\n", "ann", null).getReader();
  await reader.read();
  expect(STREAM_SILENCE_MS).toBe(3 * STREAM_BEAT_MS);
  const signs = Array.from({ length: 3 }, async () => {
    const next = reader.read();
    jest.advanceTimersByTime(STREAM_BEAT_MS);
    return new TextDecoder().decode((await next).value);
  });
  expect(await Promise.all(signs)).toEqual([":\n\n", ":\n\n", ":\n\n"]);
  hub.close();
});

/** A server of streams, which sends each of these texts when it is asked to. */
function streamServer(): {
  readonly server: Bun.Server<undefined>;
  readonly send: (text: string) => void;
} {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(one) {
            controller = one;
            one.enqueue(new TextEncoder().encode("id: 1\n\n"));
          },
        }),
      ),
  });
  return { server, send: (text) => controller?.enqueue(new TextEncoder().encode(text)) };
}

function clientOf(server: string, silenceMs: number): PlaneClient {
  return new PlaneClient(
    { server, token: "imm_x", project: "shop", environment: "live" },
    silenceMs,
  );
}

test("a stream with comments is alive for as long as they come, and dead when they end", async () => {
  const { server, send } = streamServer();
  const versions = clientOf(server.url.href, SILENCE_MS).versions(new AbortController().signal);
  expect((await versions.next()).value).toBe(1);
  const beat = setInterval(() => send(":\n\n"), SILENCE_MS / 20);
  const next = versions.next();
  await Bun.sleep(2 * SILENCE_MS);
  send("id: 2\n\n");
  expect((await next).value).toBe(2);
  clearInterval(beat);
  const { code, message } = await failure(versions.next());
  expect([code, message]).toEqual([
    "ERR_NETWORK",
    `shop/live at 127.0.0.1:${server.port} sent no sign of life: the connection is given up`,
  ]);
  await server.stop(true);
});

test("who reads is not hurried: their own silence is none of the stream's", async () => {
  const { server, send } = streamServer();
  const versions = clientOf(server.url.href, SILENCE_MS).versions(new AbortController().signal);
  expect((await versions.next()).value).toBe(1);
  await Bun.sleep(2 * SILENCE_MS);
  send("id: 2\n\n");
  expect((await versions.next()).value).toBe(2);
  await versions.return(undefined);
  await server.stop(true);
});

test("a server that takes the connection and does not answer is given up, too", async () => {
  const never = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => undefined } });
  const client = clientOf(`http://127.0.0.1:${never.port}`, SILENCE_MS);
  const { code, message } = await failure(
    client.follow(new AbortController().signal, () => Promise.resolve()),
  );
  expect(code).toBe("ERR_NETWORK");
  expect(message).toContain("sent no sign of life");
  never.stop(true);
});
