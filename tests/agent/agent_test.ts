/** The agent as a process of its own, with the real server, a hostile one, and none. */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { hexBytes } from "../../src/format/bytes.ts";
import { encodeFile, type File } from "../../src/format/file.ts";
import { type LiveView, openLive } from "../../src/live/view.ts";
import { newPrivateKey, publicKeyOf, signerOf } from "../../src/trust/keys/private_key.ts";
import { type OverrideSet, signOverrideSet } from "../../src/trust/override_set.ts";
import { makeShop, Plane, SHOP } from "../api/support.ts";
import { CLI } from "../support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const FILE = {
  ...PLAIN_FILE,
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "CHECKOUT" },
  ],
  record: { ...PLAIN_FILE.record, featureFlags: 8n },
  meta: { ...PLAIN_FILE.meta, project: "shop" },
};

interface Host extends AsyncDisposable {
  readonly live: LiveView;
  /** Starts the agent anew. */
  start(server: string, key: string, token?: string): Promise<RunningAgent>;
}

interface RunningAgent {
  readonly process: Bun.Subprocess;
  /** The next event of a kind. */
  next(kind: string): Promise<{ readonly [member: string]: unknown }>;
}

interface Attack {
  readonly host: Host;
  readonly agent: RunningAgent;
  /** Sends the next text. */
  readonly next: () => void;
  /** Its address. */
  readonly server: string;
}

const agents: Bun.Subprocess[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) {
    agent.kill("SIGKILL");
    await agent.exited;
  }
});

/** A host with a deployed file, a program that reads its live flags, and an agent. */
async function makeHost(file: File = FILE): Promise<Host> {
  const folder = temporaryFolder();
  const home = temporaryFolder();
  const runtime = join(home, "run");
  mkdirSync(runtime, { mode: 0o700 });
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime };
  const live = await openLive(writeConfigFile(folder, file), { env });
  return {
    live,
    start(server, key, token = "imm_x") {
      const child = Bun.spawn([BUN, CLI, "agent", "--json", "--online-key", key], {
        cwd: folder,
        env: {
          PATH: process.env["PATH"],
          ...env,
          IMMUCONFIG_SERVER: server,
          IMMUCONFIG_TOKEN: token,
          IMMUCONFIG_ENVIRONMENT: "live",
        },
        stdio: ["ignore", "pipe", "inherit"],
      });
      agents.push(child);
      return Promise.resolve({ process: child, next: eventsOf(child.stdout) });
    },
    [Symbol.asyncDispose]() {
      live.close();
      return Promise.resolve();
    },
  };
}

function eventsOf(stream: ReadableStream<Uint8Array>): RunningAgent["next"] {
  const reader = stream.getReader();
  const events: { kind: string }[] = [];
  let text = "";
  return async (kind) => {
    while (true) {
      const index = events.findIndex((event) => event.kind === kind);
      if (index !== -1) return events.splice(0, index + 1)[index] ?? {};
      const { value, done } = await reader.read();
      if (done) throw new Error(`the agent ended before it said ${kind}`);
      text += new TextDecoder().decode(value);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      events.push(...lines.map((line) => JSON.parse(line) as { kind: string }));
    }
  };
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 2000) throw new Error("it did not happen");
    await Bun.sleep(5);
  }
}

async function startPlane(): Promise<{ plane: Plane; tag: string; key: string; data: string }> {
  const data = temporaryFolder();
  const plane = await Plane.start({ data });
  plane.clock.now = Date.now();
  const tag = await makeShop(plane, encodeFile(FILE));
  const { body } = await plane.call("GET", "/v1/online-key");
  return { plane, tag, key: body.publicKey, data };
}

describe("with a control plane", () => {
  test("a switch reaches a running program, and the server knows the host", async () => {
    const { plane, tag, key } = await startPlane();
    await using _plane = plane;
    await using host = await makeHost();
    const agent = await host.start(plane.server.url.href, key, plane.token);
    await agent.next("applied");
    expect(host.live.features["CHECKOUT"]).toBe(true);
    const off = { enabled: false, reason: "it fails" };
    const set = await plane.call("PUT", `${SHOP}/overrides/CHECKOUT`, off, { "if-match": tag });
    await waitFor(() => host.live.features["CHECKOUT"] === false);
    const on = { enabled: true, until: Date.now() + 60_000, reason: "to see" };
    const both = await plane.call("PUT", `${SHOP}/overrides/DEBUG`, on, { "if-match": set.etag });
    await waitFor(() => host.live.features["DEBUG"] === true);
    const debug = host.live.snapshot().overrides.find(({ name }) => name === "DEBUG");
    expect(Math.abs((debug?.endMs ?? 0) - on.until)).toBeLessThan(3000);
    await plane.call("DELETE", `${SHOP}/overrides/CHECKOUT?reason=mended`, undefined, {
      "if-match": both.etag,
    });
    await waitFor(() => host.live.features["CHECKOUT"] === true);
    expect(host.live.features["DEBUG"]).toBe(true);

    const { body } = await plane.call("GET", `${SHOP}/hosts`);
    expect(body).toMatchObject({
      sequence: 5,
      hosts: [{ generation: 1, sequence: 5, problem: null }],
    });
    agent.process.kill("SIGTERM");
    expect(await agent.process.exited).toBe(0);
  });

  test("killed, and without a server, it starts on what it kept; back again, it catches up", async () => {
    const { plane, tag, key, data } = await startPlane();
    await using host = await makeHost();
    const server = plane.server.url.href;
    const first = await host.start(server, key, plane.token);
    const off = { enabled: false, reason: "it fails" };
    const { etag } = await plane.call("PUT", `${SHOP}/overrides/CHECKOUT`, off, {
      "if-match": tag,
    });
    await waitFor(() => host.live.features["CHECKOUT"] === false);
    first.process.kill("SIGKILL");
    await first.process.exited;
    await plane.server.stop();

    const second = await host.start(server, key, plane.token);
    expect(await second.next("applied")).toMatchObject({
      overrides: { CHECKOUT: false },
      fromDisk: true,
    });
    await second.next("offline");
    expect(host.live.features["CHECKOUT"]).toBe(false);
    second.process.kill("SIGKILL");

    await using again = await Plane.start({ data }, plane.token);
    again.clock.now = Date.now();
    const third = await host.start(again.server.url.href, key, plane.token);
    await third.next("applied");
    await again.call("DELETE", `${SHOP}/overrides/CHECKOUT?reason=mended`, undefined, {
      "if-match": etag,
    });
    await waitFor(() => host.live.features["CHECKOUT"] === true);
  });

  test("a key that the host does not trust switches nothing", async () => {
    const { plane, tag } = await startPlane();
    await using _plane = plane;
    await using host = await makeHost();
    const agent = await host.start(
      plane.server.url.href,
      hexBytes(publicKeyOf(newPrivateKey())),
      plane.token,
    );
    await plane.call(
      "PUT",
      `${SHOP}/overrides/CHECKOUT`,
      { enabled: false, reason: "r" },
      { "if-match": tag },
    );
    expect(await agent.next("refused")).toMatchObject({
      message: expect.stringContaining("its key may not switch flags"),
    });
    expect(host.live.features["CHECKOUT"]).toBe(true);
    const problems = async (): Promise<unknown[]> => {
      const { body } = await plane.call("GET", `${SHOP}/hosts`);
      return body.hosts.map((one: { problem: unknown }) => one.problem);
    };
    while ((await problems()).length === 0) await Bun.sleep(5);
    expect(await problems()).toEqual([expect.stringContaining("its key may not switch flags")]);
  });
});

describe("with a hostile server", () => {
  const key = newPrivateKey();
  const now = Math.floor(Date.now() / 1000);
  const GOOD: OverrideSet = {
    project: "shop",
    environment: "live",
    sequence: 5,
    issued: now,
    expires: now + 3600,
    overrides: [{ flag: "CHECKOUT", enabled: false, until: null }],
  };
  const ON = [{ flag: "DEBUG", enabled: true, until: null }];

  /** Sends whatever it is told to, to an agent that believes its key. */
  async function attack(
    texts: readonly (string | Promise<string>)[],
    file?: File,
  ): Promise<Attack> {
    let index = 0;
    let announce: (() => void) | undefined;
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 0,
      routes: {
        [`${SHOP}/events`]: () =>
          new Response(
            new ReadableStream({
              start(controller) {
                const send = (): void =>
                  controller.enqueue(new TextEncoder().encode(`id: ${index}\n\n`));
                announce = send;
                send();
              },
            }),
          ),
        [`${SHOP}/set`]: async () => new Response(await texts[index]),
        [`${SHOP}/hosts`]: () => new Response(null, { status: 204 }),
      },
    });
    servers.push(server);
    const host = await makeHost(file);
    const agent = await host.start(server.url.href, hexBytes(publicKeyOf(key)));
    const next = (): void => {
      index++;
      announce?.();
    };
    return { host, agent, next, server: server.url.href };
  }

  const servers: Bun.Server<undefined>[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop(true);
  });

  const sign = (change: Partial<OverrideSet>, by = key): Promise<string> =>
    signOverrideSet({ ...GOOD, ...change }, signerOf(by));

  const cases: [string, Promise<string> | string, string][] = [
    ["an older set", sign({ sequence: 4, overrides: ON }), "number 4, and number 5 was seen"],
    [
      "another project's",
      sign({ sequence: 6, project: "bank", overrides: ON }),
      "it is for bank/live",
    ],
    [
      "another environment's",
      sign({ sequence: 6, environment: "test", overrides: ON }),
      "it is for shop/test",
    ],
    [
      "one that has run out",
      sign({ sequence: 6, issued: now - 100, expires: now - 50, overrides: ON }),
      "it has run out",
    ],
    [
      "one by another key",
      sign({ sequence: 6, overrides: ON }, newPrivateKey()),
      "its key may not",
    ],
    ["a page", "<!doctype html>", "its key may not"],
    ["a set without an end to it", "x".repeat(100_000), "override set"],
  ];
  test.each(cases)("%s changes nothing, also after a restart", async (_, text, message) => {
    const { host, agent, next, server } = await attack([sign({}), text]);
    await using _host = host;
    await agent.next("applied");
    expect(host.live.features["CHECKOUT"]).toBe(false);
    next();
    expect(await agent.next("refused")).toMatchObject({
      message: expect.stringContaining(message),
    });
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([false, false]);
    agent.process.kill("SIGKILL");
    await agent.process.exited;
    const again = await host.start(server, hexBytes(publicKeyOf(key)));
    expect(await again.next("applied")).toMatchObject({ sequence: 5, fromDisk: true });
    await again.next("refused");
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([false, false]);
  });

  const withFlag = (name: string, live: "off" | "none"): File => ({
    ...FILE,
    meta: { ...FILE.meta, flags: { [name]: { live } } },
  });
  const tooMuch: [string, File, Partial<OverrideSet>, string][] = [
    [
      "a flag that no override may touch",
      withFlag("CHECKOUT", "none"),
      {},
      "it switches off CHECKOUT, which the record lets no override touch",
    ],
    [
      "on what may only be switched off",
      withFlag("DEBUG", "off"),
      { overrides: ON },
      "it switches on DEBUG, which the record lets overrides only switch off",
    ],
    [
      "on what is off in a frozen record",
      { ...FILE, frozen: true },
      { overrides: ON },
      "only switch off",
    ],
    [
      "what only another key may",
      { ...FILE, meta: { ...FILE.meta, online: ["0".repeat(64)] } },
      {},
      "its key may not",
    ],
  ];
  test.each(tooMuch)("a set that switches %s is refused whole", async (_, file, set, message) => {
    const off = { flag: "CHECKOUT", enabled: false, until: null };
    const overrides = [off, ...(set.overrides ?? [])];
    const { host, agent, server } = await attack([sign({ overrides })], file);
    await using _host = host;
    expect(await agent.next("refused")).toMatchObject({
      message: expect.stringContaining(message),
    });
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([true, false]);
    agent.process.kill("SIGKILL");
    await agent.process.exited;
    // It was not kept either: nothing is applied from the disk.
    const again = await host.start(server, hexBytes(publicKeyOf(key)));
    await again.next("refused");
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([true, false]);
  });

  test("a key that the record names switches what the record lets it", async () => {
    const meta = { ...FILE.meta, online: [hexBytes(publicKeyOf(key))] };
    const file = { ...FILE, meta: { ...meta, flags: { CHECKOUT: { live: "off" as const } } } };
    const { host, agent } = await attack([sign({})], file);
    await using _host = host;
    expect(await agent.next("applied")).toMatchObject({ overrides: { CHECKOUT: false } });
  });

  test("a flag that the record does not know is left and named", async () => {
    const overrides = [
      { flag: "CHECKOUT", enabled: false, until: null },
      { flag: "NOWHERE", enabled: true, until: null },
    ];
    const { host, agent } = await attack([sign({ overrides })]);
    await using _host = host;
    expect(await agent.next("applied")).toMatchObject({
      overrides: { CHECKOUT: false },
      refused: ["NOWHERE"],
    });
  });

  test("what was on ends with its set, what was off stays off", async () => {
    const overrides = [
      { flag: "CHECKOUT", enabled: false, until: null },
      { flag: "DEBUG", enabled: true, until: null },
    ];
    const soon = Math.floor(Date.now() / 1000) + 3;
    const { host, agent } = await attack([sign({ overrides, expires: soon })]);
    await using _host = host;
    await agent.next("applied");
    expect(host.live.features["DEBUG"]).toBe(true);
    await agent.next("expired");
    await waitFor(() => host.live.features["DEBUG"] === false);
    expect(host.live.features["CHECKOUT"]).toBe(false);
  });
});
