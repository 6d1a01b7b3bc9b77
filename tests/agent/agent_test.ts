/** The agent as a process of its own, with the real server, a hostile one, and none. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  closeSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { hexBytes } from "../../src/format/bytes.ts";
import type { File } from "../../src/format/file.ts";
import { newPrivateKey, publicKeyOf } from "../../src/trust/keys/private_key.ts";
import type { OverrideSet } from "../../src/trust/override_set.ts";
import { Plane, SHOP } from "../api/support.ts";
import { FILE, type Host, type RunningAgent, useHosts } from "./host.ts";
import {
  DEBUG_ON,
  HOSTILE_KEY,
  type HostileServer,
  LIES,
  sign,
  useHostileServers,
} from "./hostile_server.ts";
import { command } from "../support/cli.ts";
import { writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);
const { makeHost, startPlane } = useHosts();
const serve = useHostileServers();

interface Attack {
  readonly host: Host;
  readonly agent: RunningAgent;
  readonly server: HostileServer;
}

/** A server that sends these, one after the other, and an agent that believes its key. */
async function attack(texts: readonly string[], file?: File): Promise<Attack> {
  const server = serve(texts);
  const host = await makeHost(file);
  const agent = await host.start(server.url, HOSTILE_KEY);
  return { host, agent, server };
}

const withFlag = (name: string, live: "off" | "none"): File => ({
  ...FILE,
  meta: { ...FILE.meta, flags: { [name]: { live } } },
});

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
    await until(() => host.live.features["CHECKOUT"] === false);
    const on = { enabled: true, until: Date.now() + 60_000, reason: "to see" };
    const both = await plane.call("PUT", `${SHOP}/overrides/DEBUG`, on, { "if-match": set.etag });
    await until(() => host.live.features["DEBUG"] === true);
    const debug = host.live.snapshot().overrides.find(({ name }) => name === "DEBUG");
    expect(Math.abs((debug?.endMs ?? 0) - on.until)).toBeLessThan(3000);
    await plane.call("DELETE", `${SHOP}/overrides/CHECKOUT?reason=mended`, undefined, {
      "if-match": both.etag,
    });
    await until(() => host.live.features["CHECKOUT"] === true);
    expect(host.live.features["DEBUG"]).toBe(true);

    // It reports after it has switched.
    let { body } = await plane.call("GET", `${SHOP}/hosts`);
    while (body.hosts[0]?.sequence !== 5) {
      await Bun.sleep(5);
      ({ body } = await plane.call("GET", `${SHOP}/hosts`));
    }
    expect(body).toMatchObject({
      sequence: 5,
      hosts: [{ generation: 1, sequence: 5, problem: null }],
    });
    agent.process.kill("SIGTERM");
    expect(await agent.process.exited).toBe(0);
  });

  test("by a key that was trusted as the documents say, for a record that nobody signed", async () => {
    const { plane, tag, key } = await startPlane();
    await using _plane = plane;
    await using host = await makeHost();
    const options = { cwd: host.folder, env: host.env };
    const trusted = await command(["trust", "add", key, "--role", "online", "--yes"], options);
    expect(trusted).toMatchObject({ exitCode: 0 });
    const agent = await host.startWith([], {
      IMMUCONFIG_SERVER: plane.server.url.href,
      IMMUCONFIG_TOKEN: plane.token,
    });
    await agent.next("applied");
    const off = { enabled: false, reason: "it fails" };
    await plane.call("PUT", `${SHOP}/overrides/CHECKOUT`, off, { "if-match": tag });
    await until(() => host.live.features["CHECKOUT"] === false);
  });

  test.skipIf(process.platform !== "linux")(
    "takes a token from a pipe, which has it once",
    async () => {
      const { plane, key } = await startPlane();
      await using host = await makeHost();
      const pipe = join(host.folder, "token");
      expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
      const writer = openSync(pipe, "r+");
      writeSync(writer, plane.token);
      const agent = await host.startWith(["--online-key", key], {
        IMMUCONFIG_SERVER: plane.server.url.href,
        IMMUCONFIG_TOKEN_FILE: pipe,
      });
      const files = `/proc/${agent.process.pid}/fd`;
      await until(() => readdirSync(files).some((name) => isLinkTo(join(files, name), pipe)));
      closeSync(writer);
      await agent.next("applied");
    },
  );

  test("killed, and without a server, it starts on what it kept; back again, it catches up", async () => {
    const { plane, tag, key, data } = await startPlane();
    await using host = await makeHost();
    const server = plane.server.url.href;
    const first = await host.start(server, key, plane.token);
    const off = { enabled: false, reason: "it fails" };
    const { etag } = await plane.call("PUT", `${SHOP}/overrides/CHECKOUT`, off, {
      "if-match": tag,
    });
    await until(() => host.live.features["CHECKOUT"] === false);
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
    await until(() => host.live.features["CHECKOUT"] === true);
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
    const problems = async (): Promise<string> => {
      const { body } = await plane.call("GET", `${SHOP}/hosts`);
      return body.hosts.map((one: { problem: unknown }) => one.problem).join();
    };
    await until(async () => (await problems()) !== "");
    expect(await problems()).toContain("its key may not switch flags");
  });
});

test("who takes away what an agent kept has it believe an older set: no server may reach the number", async () => {
  const other = newPrivateKey();
  const most = await sign({ sequence: Number.MAX_SAFE_INTEGER });
  const { host, agent, server } = await attack([most, await sign({ sequence: 1 }, other)]);
  await using _host = host;
  await agent.next("applied");
  agent.process.kill("SIGKILL");
  await agent.process.exited;
  server.next();
  const key = hexBytes(publicKeyOf(other));
  const refusing = await host.start(server.url, key);
  const { message } = await refusing.next("refused");
  refusing.process.kill("SIGKILL");
  await refusing.process.exited;
  rmSync(/^what was kept in (.+\/sets),/.exec(String(message))?.[1] ?? "none");
  const again = await host.start(server.url, key);
  expect(await again.next("applied")).toMatchObject({ sequence: 1, fromDisk: false });
});

describe("with a hostile server", () => {
  const other = newPrivateKey();
  const otherKey = hexBytes(publicKeyOf(other));
  const sets: [string, File, string][] = [
    ["whose key was revoked", FILE, "its key may not switch flags"],
    ["that the record does not let switch any more", withFlag("CHECKOUT", "none"), "lets no"],
  ];
  test.each(sets)("a kept set %s lets no older one in, and ends", async (_, file, reason) => {
    const isRevoked = file === FILE;
    const older = await sign({ sequence: 4, overrides: DEBUG_ON }, other);
    const newer = await sign({ sequence: 6, overrides: DEBUG_ON }, other);
    const { host, agent, server } = await attack([await sign(), older, newer]);
    await using _host = host;
    await agent.next("applied");
    agent.process.kill("SIGKILL");
    await agent.process.exited;
    server.next();
    writeConfigFile(host.folder, file);

    const keys = [otherKey, ...(isRevoked ? [] : [HOSTILE_KEY])];
    const again = await host.startWith(
      keys.flatMap((key) => ["--online-key", key]),
      { IMMUCONFIG_SERVER: server.url, IMMUCONFIG_TOKEN: "imm_x" },
    );
    const { message } = await again.next("refused");
    expect(message).toContain(", and none below its number 5 is believed: ");
    expect(message).toContain(reason);
    expect(message).toMatch(/^what was kept in \/\S+\/agents\/\w+\/sets,/);
    expect(await again.next("refused")).toMatchObject({
      message: expect.stringContaining("it is number 4, and number 5 was seen"),
    });
    expect(host.live.features["DEBUG"]).toBe(false);
    server.next();
    expect(await again.next("applied")).toMatchObject({ sequence: 6, overrides: { DEBUG: true } });
    // What the other one switched ends with it.
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([true, true]);
  });

  test.each(LIES)("%s changes nothing, also after a restart", async (_, text, message) => {
    const { host, agent, server } = await attack([await sign(), await text]);
    await using _host = host;
    await agent.next("applied");
    expect(host.live.features["CHECKOUT"]).toBe(false);
    server.next();
    expect(await agent.next("refused")).toMatchObject({
      message: expect.stringContaining(message),
    });
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([false, false]);
    agent.process.kill("SIGKILL");
    await agent.process.exited;
    const again = await host.start(server.url, HOSTILE_KEY);
    expect(await again.next("applied")).toMatchObject({ sequence: 5, fromDisk: true });
    await again.next("refused");
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([false, false]);
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
      { overrides: DEBUG_ON },
      "it switches on DEBUG, which the record lets overrides only switch off",
    ],
    [
      "on what is off in a frozen record",
      { ...FILE, frozen: true },
      { overrides: DEBUG_ON },
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
    const { host, agent, server } = await attack([await sign({ overrides })], file);
    await using _host = host;
    expect(await agent.next("refused")).toMatchObject({
      message: expect.stringContaining(message),
    });
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([true, false]);
    agent.process.kill("SIGKILL");
    await agent.process.exited;
    // It was not kept either: nothing is applied from the disk.
    const again = await host.start(server.url, HOSTILE_KEY);
    await again.next("refused");
    expect([host.live.features["CHECKOUT"], host.live.features["DEBUG"]]).toEqual([true, false]);
  });

  test("a key that the record names switches what the record lets it", async () => {
    const meta = { ...FILE.meta, online: [HOSTILE_KEY] };
    const file = { ...FILE, meta: { ...meta, flags: { CHECKOUT: { live: "off" as const } } } };
    const { host, agent } = await attack([await sign()], file);
    await using _host = host;
    expect(await agent.next("applied")).toMatchObject({ overrides: { CHECKOUT: false } });
  });

  test("a flag that the record does not know is left and named", async () => {
    const overrides = [
      { flag: "CHECKOUT", enabled: false, until: null },
      { flag: "NOWHERE", enabled: true, until: null },
    ];
    const { host, agent } = await attack([await sign({ overrides })]);
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
    const { host, agent } = await attack([await sign({ overrides, expires: soon })]);
    await using _host = host;
    await agent.next("applied");
    expect(host.live.features["DEBUG"]).toBe(true);
    await agent.next("expired");
    await until(() => host.live.features["DEBUG"] === false);
    expect(host.live.features["CHECKOUT"]).toBe(false);
  });
});

function isLinkTo(path: string, target: string): boolean {
  try {
    return readlinkSync(path) === target;
  } catch {
    return false;
  }
}

test("where nothing can be kept, an agent says what the system refuses, and does not start", async () => {
  const host = await makeHost();
  writeFileSync(join(host.env.HOME, ".local"), "");
  const words = ["--json", "--nats", "nats://127.0.0.1:1", "--env", "live", "--online-key"];
  const { stdout } = await run([BUN, CLI, "agent", ...words, HOSTILE_KEY], {
    cwd: host.folder,
    env: host.env,
  });
  const { code, message } = JSON.parse(stdout).error;
  expect(code).toBe("ERR_WRITE");
  expect(message).toContain(join(".local", "state", "immuconfig", "agents"));
});
