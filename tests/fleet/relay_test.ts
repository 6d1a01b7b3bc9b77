/** The relay as a process of its own: between a real server and real agents, and below a hostile one. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../src/base/digest.ts";
import { encodeFile } from "../../src/format/file.ts";
import { FILE, useHosts } from "../agent/host.ts";
import { HOSTILE_KEY, LIES, sign, useHostileServers } from "../agent/hostile_server.ts";
import { memoryHost } from "../agent/memory_host.ts";
import { PlaneClient } from "../../src/agent/plane_client.ts";
import { SHOP } from "../api/support.ts";
import { ServerProcess } from "../api/server_process.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { requireTool, testWith } from "../support/tools.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { CLI } from "../support/repository.ts";
import { until } from "../support/until.ts";
import { settingsFor, ShopPlane } from "./fleet.ts";
import { type RunningRelay, startRelay } from "./relay_process.ts";

setDefaultTimeout(30_000);
const temporaryFolder = useTemporaryFolders();
const { makeHost } = useHosts();
const serve = useHostileServers();
const HOST_COUNT = 200;

interface Shop extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly token: string;
  /** With which it signs. */
  readonly key: string;
  readonly client: PlaneClient;
  /** A relay of it. */
  relay(folder?: string, args?: readonly string[]): Promise<RunningRelay>;
  /** Switches CHECKOUT; gives the number of the set. */
  flip(enabled: boolean): Promise<void>;
}

async function startShop(): Promise<Shop> {
  const server = new ServerProcess(temporaryFolder());
  await server.start();
  const token = server.adminToken ?? "";
  const client = new PlaneClient({
    server: server.url,
    token,
    project: "shop",
    environment: "live",
  });
  await client.create();
  await client.push(encodeFile(FILE), (await client.environment()).version);
  const answer = await fetch(new URL("/v1/online-key", server.url));
  const { publicKey: key } = (await answer.json()) as { publicKey: string };
  return {
    server,
    token,
    key,
    client,
    relay: (folder = temporaryFolder(), args = []) =>
      startRelay(folder, server.url, key, args, token),
    async flip(enabled) {
      const { version } = await client.environment();
      await client.setOverride({ flag: "CHECKOUT", enabled, until: null, reason: "try" }, version);
    },
    [Symbol.asyncDispose]: () => server.kill(),
  };
}

interface Health {
  readonly status: string;
  readonly sequence: number | null;
  readonly age: number | null;
  readonly problem: string | null;
  readonly streams: number;
}

async function healthOf(url: string): Promise<Health> {
  return (await (await fetch(new URL("/v1/health", url))).json()) as Health;
}

test("an agent needs no more than its address; the server hears of the host", async () => {
  await using shop = await startShop();
  await using relay = await shop.relay();
  await relay.next("set");
  await using host = await makeHost();
  const agent = await host.start(relay.url, shop.key);
  await agent.next("applied");
  await shop.flip(false);
  await until(() => host.live.features["CHECKOUT"] === false);
  await shop.flip(true);
  await until(() => host.live.features["CHECKOUT"] === true);
  const { sequence } = await healthOf(relay.url);
  const reported = async (): Promise<unknown[]> => {
    const headers = { authorization: `Bearer ${shop.token}` };
    const answer = await fetch(new URL(`${SHOP}/hosts`, shop.server.url), { headers });
    const { hosts } = (await answer.json()) as { hosts: { sequence: number }[] };
    return hosts.map((one) => one.sequence);
  };
  for (let tries = 0; (await reported()).join() !== String(sequence); tries++) {
    expect(tries).toBeLessThan(500);
    await Bun.sleep(20);
  }
  relay.process.kill("SIGTERM");
  expect(await relay.process.exited).toBe(0);
});

test("it has what agents ask for, of one environment, and nothing else", async () => {
  await using shop = await startShop();
  await using relay = await shop.relay();
  await relay.next("set");
  const other = SHOP.replace("live", "test");
  expect((await fetch(new URL(`${other}/set`, relay.url))).status).toBe(404);
  expect((await fetch(new URL("/v1/projects", relay.url))).status).toBe(404);
});

test("killed, and started again without a server, it hands on what it kept and says its age; then the newest", async () => {
  await using shop = await startShop();
  const data = temporaryFolder();
  const first = await shop.relay(data);
  await shop.flip(false);
  await until(async () => (await healthOf(first.url)).sequence === 3);
  first.process.kill("SIGKILL");
  await first.process.exited;
  await shop.server.kill();

  await using relay = await shop.relay(data);
  expect(await relay.next("set")).toMatchObject({ sequence: 3, fromDisk: true });
  await relay.next("offline");
  await Bun.sleep(1100);
  expect(await healthOf(relay.url)).toMatchObject({
    status: "ok",
    sequence: 3,
    problem: expect.stringContaining("does not answer"),
  });
  const answer = await fetch(new URL(`${SHOP}/set`, relay.url));
  expect(Number(answer.headers.get("age"))).toBeGreaterThan(0);
  await using host = await makeHost();
  const agent = await host.start(relay.url, shop.key);
  expect(await agent.next("applied")).toMatchObject({ overrides: { CHECKOUT: false } });
  await shop.server.start();
  await shop.flip(true);
  await until(() => host.live.features["CHECKOUT"] === true);
  expect((await healthOf(relay.url)).problem).toBeNull();
});

test(`${HOST_COUNT} agents end at the last set; one that is stopped holds nobody back, and catches up`, async () => {
  await using shop = await startShop();
  await using relay = await shop.relay();
  await relay.next("set");
  const stop = new AbortController();
  const hosts = Array.from({ length: HOST_COUNT }, () =>
    memoryHost(relay.url, "imm_x", shop.key, stop.signal),
  );
  await using slow = await makeHost();
  const stopped = await slow.start(relay.url, shop.key);
  await stopped.next("applied");
  await until(async () => (await healthOf(relay.url)).streams === HOST_COUNT + 1);
  stopped.process.kill("SIGSTOP");
  for (let flip = 0; flip < 31; flip++) await shop.flip(flip % 2 === 1);
  const last = 2 + 31;
  await until(() => hosts.every(({ sequences }) => sequences.at(-1) === last));
  for (const { sequences, problems, overrides } of hosts) {
    expect(problems).toEqual([]);
    expect(overrides).toEqual({ CHECKOUT: false });
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  }
  expect(slow.live.features["CHECKOUT"]).toBe(true);
  stopped.process.kill("SIGCONT");
  await until(() => slow.live.features["CHECKOUT"] === false);

  // The server goes and comes: nobody loses a stream to the relay.
  await shop.server.kill();
  await relay.next("offline");
  expect((await healthOf(relay.url)).streams).toBe(HOST_COUNT + 1);
  await shop.server.start();
  await shop.flip(true);
  await until(() => hosts.every(({ sequences }) => sequences.at(-1) === last + 1));
  stop.abort();
});

testWith("openssl")("over TLS, agents that know its CA come in", async () => {
  await using shop = await startShop();
  const data = temporaryFolder();
  const [cert, key] = [join(data, "relay.pem"), join(data, "relay.key")];
  const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert];
  const name = ["-days", "2", "-subj", "/CN=relay", "-addext", "subjectAltName=IP:127.0.0.1"];
  await run([requireTool("openssl"), ...words, ...name]);
  const args = ["--tls-cert", cert, "--tls-key", key];
  await using relay = await shop.relay(data, args);
  expect(relay.url).toStartWith("https:");
  await relay.next("set");
  await using host = await makeHost();
  const stranger = await host.start(relay.url, shop.key);
  await stranger.next("offline");
  const agent = await host.startWith(["--online-key", shop.key], {
    IMMUCONFIG_SERVER: relay.url,
    IMMUCONFIG_TOKEN: "imm_x",
    NODE_EXTRA_CA_CERTS: cert,
  });
  await agent.next("applied");
  await shop.flip(false);
  await until(() => host.live.features["CHECKOUT"] === false);
});

test.skipIf(!hasNats())("it hears over NATS, and hands on by its event stream", async () => {
  await using broker = await Broker.start();
  await using shop = await ShopPlane.start(settingsFor([broker.url]));
  await shop.published();
  const { plane } = shop;
  const { body } = await plane.call("GET", "/v1/online-key");
  const upstream = plane.server.url.href;
  const args = ["--nats", broker.url];
  await using relay = await startRelay(temporaryFolder(), upstream, body.publicKey, args);
  await relay.next("set");
  await using host = await makeHost();
  const agent = await host.start(relay.url, body.publicKey);
  await agent.next("applied");
  const { etag } = await plane.call("GET", SHOP);
  const off = { enabled: false, reason: "it fails" };
  await plane.call("PUT", `${SHOP}/overrides/CHECKOUT`, off, { "if-match": etag });
  await until(() => host.live.features["CHECKOUT"] === false);
  relay.process.kill("SIGTERM");
  expect(await relay.process.exited).toBe(0);
});

describe("below a hostile server", () => {
  test.each(LIES)("%s is not handed on, also after a restart", async (_, text, message) => {
    const good = await sign();
    const upstream = serve([good, await text, await sign({ sequence: 7, overrides: [] })]);
    const data = temporaryFolder();
    const first = await startRelay(data, upstream.url, HOSTILE_KEY);
    await first.next("set");
    const stop = new AbortController();
    const host = memoryHost(first.url, "imm_x", HOSTILE_KEY, stop.signal);
    await until(() => host.sequences.at(-1) === 5);
    upstream.next();
    expect(await first.next("refused")).toMatchObject({
      message: expect.stringContaining(message),
    });
    expect(await (await fetch(new URL(`${SHOP}/set`, first.url))).text()).toBe(good);
    expect((await healthOf(first.url)).problem).toContain(message);
    first.process.kill("SIGKILL");
    await first.process.exited;
    stop.abort();

    await using relay = await startRelay(data, upstream.url, HOSTILE_KEY);
    expect(await relay.next("set")).toMatchObject({ sequence: 5, fromDisk: true });
    await relay.next("refused");
    expect(await (await fetch(new URL(`${SHOP}/set`, relay.url))).text()).toBe(good);
    expect([host.sequences, host.problems]).toEqual([[5], []]);
    upstream.next();
    expect(await relay.next("set")).toMatchObject({ sequence: 7, fromDisk: false });
  });

  test("one that never sent a set is none to hand on", async () => {
    const upstream = serve(["nothing"]);
    await using relay = await startRelay(temporaryFolder(), upstream.url, HOSTILE_KEY);
    await relay.next("refused");
    expect((await healthOf(relay.url)).status).toBe("empty");
    expect((await fetch(new URL(`${SHOP}/set`, relay.url))).status).toBe(503);
  });

  test("who has no token is not let in, and who loses it is put out", async () => {
    const upstream = serve([await sign()]);
    const data = temporaryFolder();
    const tokens = join(data, "hosts.txt");
    writeFileSync(tokens, `# of the shop\n${sha256("imm_one")} one\n${sha256("imm_two")}\n`);
    await using relay = await startRelay(data, upstream.url, HOSTILE_KEY, ["--tokens", tokens]);
    await relay.next("set");
    const ask = (path: string, secret?: string): Promise<Response> =>
      fetch(new URL(`${SHOP}/${path}`, relay.url), {
        headers: secret === undefined ? {} : { authorization: `Bearer ${secret}` },
      });
    expect((await ask("set")).status).toBe(401);
    expect((await ask("set", "imm_three")).status).toBe(401);
    expect((await ask("set", "imm_one")).status).toBe(200);
    const health = (headers = {}): Promise<Response> =>
      fetch(new URL("/v1/health", relay.url), { headers });
    expect(await (await health()).json()).toEqual({
      status: "ok",
      sequence: 5,
      age: expect.any(Number),
      streams: 0,
    });
    const known = await health({ "x-api-key": "imm_two" });
    expect(await known.json()).toMatchObject({ problem: null });
    const [gone, kept] = [await ask("events", "imm_one"), await ask("events", "imm_two")];
    const [goneEvents, keptEvents] = [gone.body?.getReader(), kept.body?.getReader()];
    await goneEvents?.read();
    await keptEvents?.read();
    writeFileSync(tokens, `${sha256("imm_two")}\n`);
    expect((await goneEvents?.read())?.done).toBe(true);
    expect((await ask("set", "imm_one")).status).toBe(401);
    expect((await ask("set", "imm_two")).status).toBe(200);
    // What is no list leaves the one before it.
    writeFileSync(tokens, "imm_two\n");
    await Bun.sleep(1500);
    expect((await ask("set", "imm_two")).status).toBe(200);
    await keptEvents?.cancel();
  });

  test("a page in a browser is nobody's host, also where everybody is let in", async () => {
    const upstream = serve([await sign()]);
    await using relay = await startRelay(temporaryFolder(), upstream.url, HOSTILE_KEY);
    await relay.next("set");
    const statusOf = async (path: string, headers: Record<string, string>): Promise<number> => {
      const report = '{"host":"forged","generation":1,"sequence":5,"problem":null}';
      const init = path === "hosts" ? { method: "POST", body: report } : {};
      const answer = await fetch(new URL(`${SHOP}/${path}`, relay.url), { ...init, headers });
      await answer.body?.cancel();
      return answer.status;
    };
    for (const path of ["hosts", "set", "events"]) {
      for (const page of [
        { origin: "https://evil.example.test" },
        { origin: "null" },
        { origin: new URL(relay.url).origin, "sec-fetch-site": "same-origin" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]) {
        expect([path, page, await statusOf(path, page)]).toEqual([path, page, 403]);
      }
    }
    expect(await statusOf("hosts", {})).toBe(204);
    expect(await statusOf("set", { "sec-fetch-site": "none" })).toBe(200);
  });

  test("streams are bounded", async () => {
    const upstream = serve([await sign()]);
    const args = ["--streams", "2"];
    await using relay = await startRelay(temporaryFolder(), upstream.url, HOSTILE_KEY, args);
    await relay.next("set");
    const open = (): Promise<Response> => fetch(new URL(`${SHOP}/events`, relay.url));
    const streams = [await open(), await open()];
    const refused = await open();
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    await streams[0]?.body?.cancel();
    await until(async () => (await healthOf(relay.url)).streams === 1);
    const again = await open();
    expect(again.status).toBe(200);
    for (const { body } of [...streams.slice(1), again]) await body?.cancel();
  });

  test.each([
    [["--host", "10.0.0.7"], "by https only"],
    [["--host", "0.0.0.0", "--tls-cert", "c", "--tls-key", "k"], "it is not said who may ask"],
    [["--open", "--tokens", "t"], "contradict each other"],
    [["--tls-cert", "c"], "belong together"],
    [["--streams", "0"], "--streams is from 1"],
  ])("%p is refused before it listens", async (args, message) => {
    const words = ["relay", "--online-key", HOSTILE_KEY, ...args];
    const { exitCode, stderr } = await run([BUN, CLI, ...words], { cwd: temporaryFolder() });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  });
});
