/** HTTP/1.1 over plain sockets, so that the client costs little beside the server that is measured. */

import { check } from "../support/measure.ts";

export interface RawRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Load {
  readonly requests: number;
  /** Of each request, in nanoseconds. */
  readonly latencies: readonly number[];
}

/**
 * Sends one request again and again over some connections, each waiting for its answer, and checks that
 * every answer begins with 200 and its body is as long as the first one's.
 *
 * @param milliseconds how long
 */
export async function load(
  url: URL,
  request: RawRequest,
  connections: number,
  milliseconds: number,
): Promise<Load> {
  const bytes = encode(url, request);
  const latencies: number[] = [];
  const end = performance.now() + milliseconds;
  await Promise.all(Array.from({ length: connections }, () => drive(url, bytes, end, latencies)));
  return { requests: latencies.length, latencies };
}

function encode({ host }: URL, { method, path, headers, body = "" }: RawRequest): Uint8Array {
  const all = { host, ...headers, "content-length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return new TextEncoder().encode(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
}

function drive(url: URL, bytes: Uint8Array, end: number, latencies: number[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let bodySize: number | undefined;
  let expected = 0;
  let got = 0;
  let head = "";
  let start = 0;
  const send = (socket: Bun.Socket): void => {
    expected = 0;
    got = 0;
    head = "";
    start = Bun.nanoseconds();
    socket.write(bytes);
  };
  void Bun.connect({
    hostname: url.hostname,
    port: Number(url.port),
    socket: {
      open: send,
      data(socket, chunk) {
        got += chunk.byteLength;
        if (expected === 0) {
          head += chunk.toString("latin1");
          const sizes = sizesOf(head);
          if (sizes === undefined) return;
          // Of headers, one may be longer than the last time.
          expected = sizes.head + sizes.body;
          bodySize ??= sizes.body;
          if (sizes.body !== bodySize) {
            reject(new Error(`an answer has a body of ${sizes.body} bytes, not ${bodySize}`));
          }
        }
        if (got < expected) return;
        latencies.push(Bun.nanoseconds() - start);
        if (got !== expected) reject(new Error(`an answer has ${got} bytes, not ${expected}`));
        if (performance.now() < end) send(socket);
        else {
          socket.end();
          resolve();
        }
      },
      error: (_, error) => reject(error),
    },
  });
  return promise;
}

/** In bytes; nothing while the head is not there. */
function sizesOf(text: string): { head: number; body: number } | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  check(text.startsWith("HTTP/1.1 200 "), text.slice(0, 80));
  const length = /^content-length: (\d+)/im.exec(text)?.[1];
  return { head: headEnd + 4, body: Number(length) };
}
