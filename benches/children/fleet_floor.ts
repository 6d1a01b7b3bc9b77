/** What a fleet is measured beside: plain subscribers of NATS or Redis, or bare checks of a signature. */

import { createPublicKey, verify } from "node:crypto";
import { connect } from "@nats-io/transport-node";

/** In base64: a message, its signature, and the key in SPKI. */
export interface CheckOrder {
  readonly message: string;
  readonly signature: string;
  readonly key: string;
}

export type FloorOrder =
  | {
      readonly kind: "nats";
      readonly count: number;
      readonly port: number;
      readonly subject: string;
      /** What each subscriber checks for every message that it hears. */
      readonly checked?: CheckOrder;
    }
  | {
      readonly kind: "redis";
      readonly count: number;
      readonly port: number;
      readonly subject: string;
    }
  | ({ readonly kind: "checks" } & CheckOrder);

export type FloorQuestion =
  | "times"
  | { readonly checks: number }
  /** Answered when all subscribers have heard something after this instant, in milliseconds since 1970. */
  | { readonly heardSince: number };

export interface FloorAnswer {
  /** When each subscriber got its last message, in milliseconds since 1970. */
  readonly times: number[];
  /** Microseconds of processor time since the process began, without that of answering questions. */
  readonly cpu: number;
}

let times: number[] = [];
let check: ((count: number) => void) | undefined;

const now = (): number => performance.timeOrigin + performance.now();

function checkOf(order: CheckOrder): (count: number) => void {
  const message = Buffer.from(order.message, "base64");
  const signature = Buffer.from(order.signature, "base64");
  const spki = Buffer.from(order.key, "base64");
  const key = createPublicKey({ key: spki, format: "der", type: "spki" });
  return (count) => {
    for (let i = 0; i < count; i++) {
      if (!verify(null, message, key, signature)) throw new Error("the signature is right");
    }
  };
}

async function subscribe(order: FloorOrder): Promise<void> {
  if (order.kind === "checks") {
    check = checkOf(order);
    return;
  }
  const checkHeard =
    order.kind === "nats" && order.checked !== undefined ? checkOf(order.checked) : undefined;
  times = Array.from({ length: order.count }, () => 0);
  for (let index = 0; index < order.count; index++) {
    if (order.kind === "nats") {
      const connection = await connect({ port: order.port });
      connection.subscribe(order.subject, {
        callback: () => {
          checkHeard?.(1);
          times[index] = now();
          answerIfHeard();
        },
      });
      await connection.flush();
    } else {
      const subscribed = Promise.withResolvers<void>();
      const socket = await Bun.connect({
        hostname: "127.0.0.1",
        port: order.port,
        socket: {
          data(_, chunk) {
            if (chunk.includes("subscribe")) subscribed.resolve();
            if (!chunk.includes("message")) return;
            times[index] = now();
            answerIfHeard();
          },
        },
      });
      socket.write(`SUBSCRIBE ${order.subject}\r\n`);
      await subscribed.promise;
    }
  }
}

/** When was published what all are to have heard before it is told; milliseconds since 1970. */
let awaited: number | undefined;
/** So many of the first subscribers have heard it. */
let heard = 0;

/** As agents are asked (tests/fleet/children/agents.ts): whoever is asked again and again is awake. */
function answerIfHeard(): void {
  if (awaited === undefined) return;
  while ((times[heard] ?? 0) > awaited) heard++;
  if (heard < times.length) return;
  awaited = undefined;
  answer();
}

process.on("message", (message: FloorOrder | FloorQuestion) => {
  if (message === "times") answer();
  else if ("heardSince" in message) {
    awaited = message.heardSince;
    heard = 0;
    answerIfHeard();
  } else if ("checks" in message) {
    check?.(message.checks);
    answer();
  } else void subscribe(message).then(answer);
});

/** Microseconds of processor time that answers have taken. */
let answering = 0;

function answer(): void {
  const before = processorUs();
  process.send?.({ times, cpu: before - answering } satisfies FloorAnswer);
  answering += processorUs() - before;
}

function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
