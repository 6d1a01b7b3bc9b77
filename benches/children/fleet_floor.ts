/** What a fleet is measured beside: plain subscribers of NATS or Redis, or bare checks of a signature. */

import { createPublicKey, verify } from "node:crypto";
import { connect } from "@nats-io/transport-node";

export type FloorOrder =
  | {
      readonly kind: "nats";
      readonly count: number;
      readonly port: number;
      readonly subject: string;
    }
  | {
      readonly kind: "redis";
      readonly count: number;
      readonly port: number;
      readonly subject: string;
    }
  /** In base64: the message, its signature, and the key in SPKI. */
  | {
      readonly kind: "checks";
      readonly message: string;
      readonly signature: string;
      readonly key: string;
    };

export interface FloorAnswer {
  /** When each subscriber got its last message, in milliseconds since 1970. */
  readonly times: number[];
  /** Microseconds of processor time since the process began, without that of answering questions. */
  readonly cpu: number;
}

let times: number[] = [];
let check: ((count: number) => void) | undefined;

const now = (): number => performance.timeOrigin + performance.now();

async function subscribe(order: FloorOrder): Promise<void> {
  if (order.kind === "checks") {
    const [message, signature, spki] = [order.message, order.signature, order.key].map((text) =>
      Buffer.from(text, "base64"),
    );
    if (message === undefined || signature === undefined || spki === undefined) return;
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    check = (count) => {
      for (let i = 0; i < count; i++) {
        if (!verify(null, message, key, signature)) throw new Error("the signature is right");
      }
    };
    return;
  }
  times = Array.from({ length: order.count }, () => 0);
  for (let index = 0; index < order.count; index++) {
    if (order.kind === "nats") {
      const connection = await connect({ port: order.port });
      connection.subscribe(order.subject, {
        callback: () => {
          times[index] = now();
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
            if (chunk.includes("message")) times[index] = now();
          },
        },
      });
      socket.write(`SUBSCRIBE ${order.subject}\r\n`);
      await subscribed.promise;
    }
  }
}

process.on("message", (message: FloorOrder | "times" | { readonly checks: number }) => {
  if (message === "times") answer();
  else if ("checks" in message) {
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
