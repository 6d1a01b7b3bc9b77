/** How long a change takes to the last of many event streams, and what memory they take. */

import { type BenchOptions, type Bound, memoryBound } from "../support/bound.ts";
import { check, median } from "../support/measure.ts";
import { residentBytes } from "./process_cost.ts";
import { Plane, PLACE } from "./servers.ts";

interface Crowd {
  readonly streams: number;
  /** Milliseconds until the last one has the change. */
  readonly lastMs: number;
  /** Megabytes of the server. */
  readonly memoryMb: number;
}

const CROWDS: readonly Crowd[] = [
  { streams: 1000, lastMs: 50, memoryMb: 100 },
  { streams: 5000, lastMs: 150, memoryMb: 200 },
];
const WAIT_MS_MAX = 60_000;

export async function streamBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const bounds: Bound[] = [];
  for (const crowd of CROWDS) {
    const size = quick ? { open: 20, flips: 2 } : { open: crowd.streams, flips: 21 };
    bounds.push(...(await crowdBounds(crowd, size)));
  }
  return bounds;
}

async function crowdBounds(
  { streams, lastMs, memoryMb }: Crowd,
  { open, flips }: { readonly open: number; readonly flips: number },
): Promise<Bound[]> {
  await using plane = await Plane.start({ NODE_ENV: "production" });
  const { pid } = plane.running;
  const before = residentBytes(pid);
  const crowd = new Streams(plane);
  await crowd.open(open);
  const lasts: number[] = [];
  const firsts: number[] = [];
  for (let flip = 0; flip < flips; flip++) {
    const seen = crowd.nextOfAll();
    const start = Bun.nanoseconds();
    await plane.flip("FLAG_0", flip % 2 === 0);
    const { first, last } = await seen;
    firsts.push(first - start);
    lasts.push(last - start);
  }
  const memory = residentBytes(pid);
  crowd.close();
  return [
    {
      name: `a change until the last of ${streams} streams has it / the first`,
      subjectNs: median(lasts),
      floorNs: median(firsts),
      value: median(lasts) / 1e6,
      max: lastMs,
      unit: "ms",
    },
    memoryBound(`memory with ${streams} streams / without`, memory, before, memoryMb),
  ];
}

/** Plain sockets that follow the environment, and count what comes. */
export class Streams {
  readonly #plane: Plane;
  readonly #sockets: Bun.Socket[] = [];
  #seen = 0;
  #first = 0;
  #done: ((times: { readonly first: number; readonly last: number }) => void) | undefined;

  constructor(plane: Plane) {
    this.#plane = plane;
  }

  /** Opens them, and waits for the event that each begins with. */
  async open(count: number): Promise<void> {
    const { url } = this.#plane.running;
    const head = `GET ${PLACE}/events HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: ${this.#plane.headers.authorization}\r\n\r\n`;
    const all = this.#wait(count);
    while (this.#sockets.length < count) {
      // Not more at once than a server lets wait to be taken.
      const some = Array.from({ length: Math.min(100, count - this.#sockets.length) }, () =>
        Bun.connect({
          hostname: url.hostname,
          port: Number(url.port),
          socket: {
            open: (socket) => void socket.write(head),
            data: (_, chunk) => this.#note(chunk),
          },
        }),
      );
      this.#sockets.push(...(await Promise.all(some)));
    }
    await all;
  }

  /** When the first and the last of them have got the next event, nanoseconds. */
  nextOfAll(): Promise<{ readonly first: number; readonly last: number }> {
    return this.#wait(this.#sockets.length);
  }

  close(): void {
    for (const socket of this.#sockets) socket.end();
  }

  #wait(count: number): Promise<{ readonly first: number; readonly last: number }> {
    this.#seen = -count;
    this.#first = 0;
    const { promise, resolve, reject } = Promise.withResolvers<{ first: number; last: number }>();
    const timer = setTimeout(() => {
      reject(new Error(`bench: ${-this.#seen} of ${count} streams saw nothing`));
    }, WAIT_MS_MAX);
    this.#done = (times) => {
      clearTimeout(timer);
      resolve(times);
    };
    return promise;
  }

  #note(chunk: Buffer): void {
    const events = chunk.toString("latin1").split("id: ").length - 1;
    if (events === 0) return;
    check(events === 1, `${events} events came at once`);
    const now = Bun.nanoseconds();
    if (this.#first === 0) this.#first = now;
    if (++this.#seen === 0) this.#done?.({ first: this.#first, last: now });
  }
}
