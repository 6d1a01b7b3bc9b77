/** Somebody whose credentials the broker knows, and who publishes what hosts must not believe. */

import { connect, type NatsConnection } from "@nats-io/transport-node";
import { newPrivateKey, signerOf } from "../../src/trust/keys/private_key.ts";
import { signOverrideSet } from "../../src/trust/override_set.ts";

export class HostilePublisher implements AsyncDisposable {
  readonly #connection: NatsConnection;
  readonly #subject: string;
  readonly #older: string;
  readonly #forged: string;
  readonly #foreign: string;

  private constructor(connection: NatsConnection, subject: string, texts: readonly string[]) {
    this.#connection = connection;
    this.#subject = subject;
    [this.#older = "", this.#forged = "", this.#foreign = ""] = texts;
  }

  /**
   * @param older a true set that has been replaced
   * @param foreign a true set of another environment
   */
  static async start(
    servers: readonly string[],
    subject: string,
    older: string,
    foreign: string,
  ): Promise<HostilePublisher> {
    const now = Math.floor(Date.now() / 1000);
    const bait = { flag: "DEBUG", enabled: true, until: null };
    const forged = await signOverrideSet(
      {
        project: "shop",
        environment: "live",
        sequence: 1_000_000,
        issued: now,
        expires: now + 3600,
        overrides: [bait],
      },
      signerOf(newPrivateKey()),
    );
    const connection = await connect({ servers: [...servers], maxReconnectAttempts: -1 });
    return new HostilePublisher(connection, subject, [older, forged, foreign]);
  }

  /** One of each. */
  publish(): void {
    const [head = "", payload = ""] = this.#forged.split(".");
    const unsigned = `${head}.${payload}.`;
    const texts = [
      this.#older,
      this.#forged,
      this.#foreign,
      unsigned,
      "{}",
      "",
      "x".repeat(70_000),
    ];
    for (const text of texts) this.#connection.publish(this.#subject, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }
}
