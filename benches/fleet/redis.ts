/** A Redis of the bench's own, which keeps nothing. */

import { rmSync } from "node:fs";
import { freePort } from "../../tests/support/free_port.ts";
import { newTemporaryFolder } from "../../tests/support/temp.ts";
import { check } from "../support/measure.ts";

export class Redis implements AsyncDisposable {
  readonly port = freePort();
  readonly #folder = newTemporaryFolder();
  readonly #child: Bun.Subprocess;
  #socket: Bun.Socket | undefined;
  #answered: (() => void) | undefined;

  private constructor() {
    const words = [
      "--port",
      `${this.port}`,
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--appendonly",
      "no",
    ];
    this.#child = Bun.spawn(["redis-server", ...words, "--dir", this.#folder], {
      stdio: ["ignore", "ignore", "ignore"],
    });
  }

  /** @returns nothing where Redis is not installed */
  static async start(): Promise<Redis | undefined> {
    if (Bun.which("redis-server") === null) return undefined;
    const redis = new Redis();
    for (let tries = 0; redis.#socket === undefined; tries++) {
      check(tries < 500, "Redis does not answer");
      await Bun.sleep(20);
      redis.#socket = await Bun.connect({
        hostname: "127.0.0.1",
        port: redis.port,
        socket: { data: () => redis.#answered?.() },
      }).catch(() => undefined);
    }
    return redis;
  }

  async publish(channel: string, text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answered = resolve;
    const words = ["PUBLISH", channel, text];
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    this.#socket?.write(`*${words.length}\r\n${parts.join("")}`);
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.end();
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
