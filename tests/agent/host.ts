/** A host of the tests: a deployed file, a program that reads its live flags, and an agent of its own process. */

import { afterEach } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type File, encodeFile } from "../../src/format/file.ts";
import { openLive } from "../../src/live/view.ts";
import type { LiveView } from "../../src/live/view_types.ts";
import { makeShop, Plane } from "../api/support.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

export const FILE: File = {
  ...PLAIN_FILE,
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "CHECKOUT" },
  ],
  record: { ...PLAIN_FILE.record, featureFlags: 8n },
  meta: { ...PLAIN_FILE.meta, project: "shop" },
};

export interface Host extends AsyncDisposable {
  readonly live: LiveView;
  /** What the agent and the program know of their user. */
  readonly env: { readonly HOME: string; readonly XDG_RUNTIME_DIR: string };
  readonly folder: string;
  /** Starts the agent anew. */
  start(server: string, key: string, token?: string, name?: string): Promise<RunningAgent>;
  /** The same, with other words and another environment. */
  startWith(
    args: readonly string[],
    env?: { readonly [name: string]: string },
  ): Promise<RunningAgent>;
}

export interface RunningAgent {
  readonly process: Bun.Subprocess;
  /** The next event of a kind. */
  next(kind: string): Promise<{ readonly [member: string]: unknown }>;
}

interface StartedPlane {
  readonly plane: Plane;
  readonly tag: string;
  /** With which it signs. */
  readonly key: string;
  readonly data: string;
}

/** To be called at the top of a test file: what is left of hosts ends with each test. */
export function useHosts(): {
  readonly makeHost: (file?: File) => Promise<Host>;
  readonly startPlane: () => Promise<StartedPlane>;
} {
  const temporaryFolder = useTemporaryFolders();
  const agents: Bun.Subprocess[] = [];
  afterEach(async () => {
    for (const agent of agents.splice(0)) {
      agent.kill("SIGKILL");
      await agent.exited;
    }
  });
  return {
    makeHost: (file = FILE) => makeHost(file, temporaryFolder(), temporaryFolder(), agents),
    startPlane: () => startPlane(temporaryFolder()),
  };
}

async function makeHost(
  file: File,
  folder: string,
  home: string,
  agents: Bun.Subprocess[],
): Promise<Host> {
  const runtime = join(home, "run");
  mkdirSync(runtime, { mode: 0o700 });
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime };
  const live = await openLive(writeConfigFile(folder, file), { env });
  const host: Host = {
    live,
    env,
    folder,
    start(server, key, token = "imm_x", name = "a-host") {
      const address = { IMMUCONFIG_SERVER: server, IMMUCONFIG_TOKEN: token, IMMUCONFIG_HOST: name };
      return host.startWith(["--online-key", key], address);
    },
    startWith(args, more = {}) {
      const child = Bun.spawn([BUN, CLI, "agent", "--json", "--env", "live", ...args], {
        cwd: folder,
        env: { PATH: process.env["PATH"], ...env, ...more },
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
  return host;
}

/** The JSON lines that a command prints. */
export function eventsOf(stream: ReadableStream<Uint8Array>): RunningAgent["next"] {
  const reader = stream.getReader();
  const events: { kind: string }[] = [];
  let text = "";
  return async (kind) => {
    while (true) {
      const index = events.findIndex((event) => event.kind === kind);
      if (index !== -1) return events.splice(0, index + 1)[index] ?? {};
      const { value, done } = await reader.read();
      if (done) throw new Error(`it ended before it said ${kind}`);
      text += new TextDecoder().decode(value);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      events.push(...lines.map((line) => JSON.parse(line) as { kind: string }));
    }
  };
}

async function startPlane(data: string): Promise<StartedPlane> {
  const plane = await Plane.start({ data });
  plane.clock.now = Date.now();
  const tag = await makeShop(plane, encodeFile(FILE));
  const { body } = await plane.call("GET", "/v1/online-key");
  return { plane, tag, key: body.publicKey, data };
}
