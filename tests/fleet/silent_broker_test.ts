/** Brokers that let connect and never answer, or not as a broker does. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { connectNats } from "../../src/fleet/nats_connection.ts";
import { serveCommand } from "../api/serve_command.ts";
import { HOSTILE_KEY } from "../agent/hostile_server.ts";
import { writeConfigFile, PLAIN_FILE } from "../support/config_files.ts";
import { failure } from "../support/failure.ts";
import { CLI } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { settingsFor, ShopPlane } from "./fleet.ts";

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
  /** Bytes that it was sent. */
  received = 0;
  readonly #listener: Bun.TCPSocketListener<undefined>;

  /**
   * @param greeting what it says to who connects
   * @param answer what it says to who asks whether it is there
   */
  constructor(greeting = "", answer = "") {
    this.#listener = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        open: (socket) => {
          this.open++;
          this.count++;
          socket.write(greeting);
        },
        data: (socket, data) => {
          if (data.includes("PING")) socket.write(answer);
          this.received += data.byteLength;
        },
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

const ABOUT = {
  server_id: "x",
  version: "2.10.0",
  proto: 1,
  headers: true,
  max_payload: 1_048_576,
};
const INFO = greetingOf(ABOUT);

function greetingOf(about: object): string {
  return `INFO ${JSON.stringify(about)}\r\n`;
}

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

test("one that sends no message after it has let in is left at once", async () => {
  const broker = new SilentBroker(INFO, "PONG\r\nHTTP/1.1 400 Bad Request\r\n\r\n");
  const { connection } = await connectNats(settingsFor([broker.url]), "test");
  expect(String(await connection.closed())).toContain("no broker of NATS");
  await until(() => broker.open === 0);
});

test("one that goes on in clear is not spoken to encrypted", async () => {
  const clear = "MSG imm.v1.default.shop.live.overrides 1 2\r\n{}\r\n";
  const broker = new SilentBroker(greetingOf({ ...ABOUT, tls_required: true }) + clear);
  const { message } = await failure(connectNats(settingsFor([broker.url]), "test"));
  expect(message).toContain("in clear");
  expect(broker.received).toBe(0);
  await until(() => broker.open === 0);
});

test("one that greets without an end is left", async () => {
  const broker = new SilentBroker("INFO ".padEnd(100_000));
  const { message } = await failure(connectNats(settingsFor([broker.url]), "test"));
  expect(message).toContain("no broker of NATS");
  await until(() => broker.open === 0);
});

test.skipIf(!hasNats())(
  "one that greets and says nothing more keeps nobody from the next",
  async () => {
    await using good = await Broker.start();
    const broker = new SilentBroker(INFO);
    // Which one is the first is chosen anew each time.
    while (broker.count === 0) {
      const { connection } = await connectNats(settingsFor([broker.url, good.url]), "test");
      await connection.close();
    }
  },
);

test("of one that lets in and says nothing more, the server's log names it and says what to do", async () => {
  const broker = new SilentBroker(INFO, "PONG\r\n");
  await using shop = await ShopPlane.start(settingsFor([broker.url]));
  await until(() => shop.plane.faults.length > 0);
  const [fault] = shop.plane.faults;
  expect(fault).toBeInstanceOf(ImmuconfigError);
  const { message, hint } = fault as ImmuconfigError;
  expect(message).toBe(`NATS at ${broker.url}: timeout`);
  expect(hint).toContain("Is it running");
});

test("with some, serve ends when it is asked to, and tries no other before", async () => {
  const some = [new SilentBroker(), new SilentBroker(), new SilentBroker()];
  const tries = (): number => some.reduce((sum, { count }) => sum + count, 0);
  const words = some.flatMap(({ url }) => ["--nats", url]);
  await using server = await serveCommand(temporaryFolder(), words);
  // One was looked at before it said that it runs.
  await until(() => tries() > 1);
  const before = tries();
  server.process.kill("SIGTERM");
  expect(await server.process.exited).toBe(0);
  expect(tries()).toBe(before);
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
