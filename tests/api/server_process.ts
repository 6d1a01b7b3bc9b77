/** A control plane as a process of its own, which can be killed, and started again at its address. */

import { join } from "node:path";
import { BUN } from "../support/run.ts";

const CHILD = join(import.meta.dir, "children", "serve.ts");

export class ServerProcess implements AsyncDisposable {
  readonly #folder: string;
  readonly #databaseUrl: string | undefined;
  #child: Bun.Subprocess | undefined;
  url = "";
  adminToken: string | undefined;

  /** @param databaseUrl nothing for SQLite in the folder */
  constructor(folder: string, databaseUrl?: string) {
    this.#folder = folder;
    this.#databaseUrl = databaseUrl;
  }

  /** At the address that it had, where it ran before. */
  async start(): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const database = this.#databaseUrl === undefined ? [] : [this.#databaseUrl];
    const words = [BUN, CHILD, this.#folder, port, ...database];
    const child = Bun.spawn(words, { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    const { value } = await child.stdout.getReader().read();
    const { url, adminToken } = JSON.parse(new TextDecoder().decode(value));
    this.url = url;
    this.adminToken ??= adminToken;
  }

  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
