/**
 * The socket of one connection to a broker, in the place of the library's own: that one stays open where a try
 * comes to nothing, reads no more and stays open after what is no message, and cannot be told to give up.
 */

import { createConnection, type Socket } from "node:net";
import { connect as encrypt, type TLSSocket } from "node:tls";
import type * as Nats from "@nats-io/transport-node";
import { version } from "../../package.json";
import { parseJsonObject } from "../base/json.ts";

/** The library hands on what it is told. */
export type SocketOptions = Nats.ConnectionOptions & {
  /** Ends what is connected with these options, and what connects. */
  readonly signal?: AbortSignal;
};

/** Bytes of what a broker says first: it names the others of its cluster. */
const GREETING_SIZE_MAX = 64 * 1024;
const LINE_END = 0x0a;

type Chunk = IteratorResult<Uint8Array, undefined>;
const END: Chunk = { done: true, value: undefined };

export class NatsSocket implements Nats.Transport {
  readonly lang = "immuconfig";
  readonly version = version;
  closeError?: Error;
  readonly #checkOptions: typeof Nats.checkOptions;
  readonly #lost = Promise.withResolvers<void>();
  /** What came and is not read yet. */
  readonly #chunks: Uint8Array[] = [];
  /** Who waits for more. */
  #wanted: ((chunk: Chunk) => void) | undefined;
  #plain: Socket | undefined;
  #encrypted: TLSSocket | undefined;
  /** Told why nothing comes of the step that is under way. */
  #refuse: ((error: Error) => void) | undefined;
  #isConnected = false;
  #isClosed = false;

  constructor({ checkOptions }: Pick<typeof Nats, "checkOptions">) {
    this.#checkOptions = checkOptions;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  isEncrypted(): boolean {
    return this.#encrypted !== undefined;
  }

  async connect({ hostname, port, tlsName }: Nats.Server, options: SocketOptions): Promise<void> {
    const { signal, tls } = options;
    signal?.throwIfAborted();
    signal?.addEventListener("abort", () => this.#lose(signal.reason), { once: true });
    const plain = createConnection(port, hostname);
    this.#plain = plain;
    plain.setNoDelay(true);
    await this.#until(plain, "connect");
    const { info, isAll } = await this.#greeting();
    this.#checkOptions(info, options);
    if (info.tls_required === true || (info.tls_available === true && tls !== null)) {
      // Whoever stands between could have added it, and it would be read as if it had come encrypted.
      if (!isAll) throw new Error("it went on in clear where it was to be encrypted");
      plain.off("data", this.#take);
      const own = { socket: plain, servername: tlsName, rejectUnauthorized: true };
      this.#encrypted = encrypt({ ...tls, ...own });
      await this.#until(this.#encrypted, "secureConnect");
      if (!this.#encrypted.authorized) throw this.#encrypted.authorizationError;
    }
    this.#refuse = undefined;
    this.#isConnected = true;
  }

  send(frame: Uint8Array): void {
    if (!this.#isClosed) (this.#encrypted ?? this.#plain)?.write(frame);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array, undefined> {
    const chunks: AsyncIterableIterator<Uint8Array, undefined> = {
      next: () => this.#next(),
      // The library reads until it finds what is no message, and then no more.
      return: () => {
        this.#lose(noBroker());
        return Promise.resolve(END);
      },
      [Symbol.asyncIterator]: () => chunks,
    };
    return chunks;
  }

  /** When a connection is lost; never where the library itself ends it, or a try to connect. */
  closed(): Promise<void> {
    return this.#lost.promise;
  }

  close(error?: Error): Promise<void> {
    this.#end(error);
    return Promise.resolve();
  }

  disconnect(): void {
    this.#lose();
  }

  discard(): void {
    this.#end();
  }

  /** @param event by which the socket says that it is ready */
  #until(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#refuse = reject;
      socket.once(event, resolve);
      socket.on("data", this.#take);
      socket.on("error", this.#lose);
      socket.on("close", () => this.#lose());
    });
  }

  /** What the broker is, which is also the first that the library reads. */
  async #greeting(): Promise<{ info: Nats.ServerInfo; isAll: boolean }> {
    let bytes = new Uint8Array();
    while (!bytes.includes(LINE_END)) {
      const { done, value } = await this.#next();
      if (done === true) throw this.closeError ?? closedByBroker();
      bytes = Buffer.concat([bytes, value]);
      if (bytes.byteLength > GREETING_SIZE_MAX) throw noBroker();
    }
    const end = bytes.indexOf(LINE_END) + 1;
    const [, json = ""] =
      /^INFO\s+(.+)\r\n$/i.exec(new TextDecoder().decode(bytes.subarray(0, end))) ?? [];
    const info = parseJsonObject(json);
    if (info === undefined) throw noBroker();
    this.#chunks.unshift(bytes);
    return { info: info as unknown as Nats.ServerInfo, isAll: end === bytes.byteLength };
  }

  readonly #take = (value: Buffer): void => {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted === undefined) this.#chunks.push(value);
    else wanted({ done: false, value });
  };

  #next(): Promise<Chunk> {
    const value = this.#chunks.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isClosed) return Promise.resolve(END);
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  readonly #lose = (error?: Error): void => {
    if (this.#isClosed) return;
    this.#end(error);
    if (this.#isConnected) this.#lost.resolve();
  };

  #end(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (error !== undefined) this.closeError = error;
    this.#encrypted?.destroy();
    this.#plain?.destroy();
    this.#refuse?.(error ?? closedByBroker());
    this.#wanted?.(END);
  }
}

function closedByBroker(): Error {
  return new Error("the other end closed the connection");
}

function noBroker(): Error {
  return new Error("what answers there is no broker of NATS");
}
