/** Brokers that let connect and never answer. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { connectNats } from "../../src/fleet/nats_connection.ts";
import { serveCommand } from "../api/serve_command.ts";
import { HOSTILE_KEY } from "../agent/hostile_server.ts";
import { writeConfigFile, PLAIN_FILE } from "../support/config_files.ts";
import { failure } from "../support/failure.ts";
import { CLI } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { settingsFor } from "./fleet.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();

const brokers: SilentBroker[] = [];
afterEach(() => {
  for (const broker of brokers.splice(0)) broker.stop();
});

class SilentBroker {
  /** Connections that are open, and that were at any time. */
  open = 0;
  count = 0;
  readonly #listener: Bun.TCPSocketListener<undefined>;

  /** @param greeting what it says to who connects */
  constructor(greeting = "") {
    this.#listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          this.open++;
          this.count++;
          socket.write(greeting);
        },
        data: () => undefined,
        close: () => void this.open--,
      },
    });
    brokers.push(this);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#listener.port}`;
  }

  stop(): void {
    this.#listener.stop(true);
  }
}

const INFO = `INFO ${JSON.stringify({ server_id: "x", version: "2.10.0", proto: 1, headers: true, max_payload: 1_048_576 })}\r\n`;

test.each([
  ["says nothing", ""],
  ["greets and says nothing more", INFO],
  ["sends what no broker does", "HTTP/1.1 400 Bad Request\r\n\r\n"],
])("of one that %s, no socket is left", async (_, greeting) => {
  const broker = new SilentBroker(greeting);
  const { code } = await failure(connectNats(settingsFor([broker.url]), "test"));
  expect(code).toBe("ERR_NETWORK");
  expect(broker.count).toBe(1);
  await until(() => broker.open === 0);
});

test("with one, serve ends when it is asked to", async () => {
  const broker = new SilentBroker();
  await using server = await serveCommand(temporaryFolder(), ["--nats", broker.url]);
  await until(() => broker.count > 0);
  server.process.kill("SIGTERM");
  expect(await server.process.exited).toBe(0);
});

test.each([
  ["agent", []],
  ["relay", ["--port", "0"]],
])("with one, %s ends when it is asked to", async (command, words) => {
  const broker = new SilentBroker();
  const cwd = temporaryFolder();
  writeConfigFile(cwd, PLAIN_FILE);
  const args = [command, ...words, "--online-key", HOSTILE_KEY, "--nats", broker.url];
  const child = Bun.spawn([BUN, CLI, ...args], {
    cwd,
    env: {
      PATH: Bun.env["PATH"],
      HOME: cwd,
      IMMUCONFIG_PROJECT: "shop",
      IMMUCONFIG_ENVIRONMENT: "live",
    },
    stdio: ["ignore", "ignore", "ignore"],
  });
  try {
    await until(() => broker.count > 0);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
  } finally {
    child.kill("SIGKILL");
  }
});
