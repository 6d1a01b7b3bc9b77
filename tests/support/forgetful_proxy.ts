/** A way to a server on this machine that can lose its connections: in silence, as a NAT does, or within an answer. */

import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

export class ForgetfulProxy implements AsyncDisposable {
  readonly #server: Server;
  /** Both ends of each connection. */
  readonly #sockets = new Set<Socket>();
  /** Those on which nothing comes or goes any more. */
  readonly #forgotten = new WeakSet<Socket>();
  /** What a request begins with whose answer is to be cut off. */
  #cutStart: string | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param target where it leads */
  static async start(target: URL): Promise<ForgetfulProxy> {
    const server = createServer();
    const proxy = new ForgetfulProxy(server);
    server.on("connection", (near) => {
      const far = connect(Number(target.port), target.hostname);
      proxy.#join(near, far);
      proxy.#join(far, near);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Forwards nothing more on the connections that there are, and closes none of them. */
  forget(): void {
    for (const socket of this.#sockets) this.#forgotten.add(socket);
  }

  /** Loses the end of the next answer to a request that begins like this, and with it the connection. */
  cutAnswer(start: string): void {
    this.#cutStart = start;
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (bytes) => {
      if (this.#forgotten.has(from)) return;
      if (this.#cutStart !== undefined && bytes.toString("latin1").startsWith(this.#cutStart)) {
        this.#cutStart = undefined;
        to.once("data", (answer: Buffer) => from.end(answer.subarray(0, -1)));
        this.#forgotten.add(to);
      }
      to.write(bytes);
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      this.#sockets.delete(from);
      if (!this.#forgotten.has(from)) to.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
