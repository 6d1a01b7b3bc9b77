/** A server that sends hosts whatever it is told to, by a key that they believe, and sets that they must not. */

import { afterEach } from "bun:test";
import { hexBytes } from "../../src/format/bytes.ts";
import { newPrivateKey, publicKeyOf, signerOf } from "../../src/trust/keys/private_key.ts";
import { type OverrideSet, signOverrideSet } from "../../src/trust/override_set.ts";
import { SHOP } from "../api/support.ts";

export interface HostileServer {
  readonly url: string;
  /** Sends the next text. */
  readonly next: () => void;
}

const key = newPrivateKey();
/** What its hosts believe, in hex. */
export const HOSTILE_KEY = hexBytes(publicKeyOf(key));

const now = Math.floor(Date.now() / 1000);
const GOOD: OverrideSet = {
  project: "shop",
  environment: "live",
  sequence: 5,
  issued: now,
  expires: now + 3600,
  overrides: [{ flag: "CHECKOUT", enabled: false, until: null }],
};
/** What no test of it lets happen. */
export const DEBUG_ON = [{ flag: "DEBUG", enabled: true, until: null }];

/** Signs a set of shop/live, number 5, that switches CHECKOUT off, but for what is changed of it. */
export function sign(change: Partial<OverrideSet> = {}, by = key): Promise<string> {
  return signOverrideSet({ ...GOOD, ...change }, signerOf(by));
}

/** After number 5: what comes, and why it is refused. */
export const LIES: readonly [string, Promise<string> | string, string][] = [
  ["an older set", sign({ sequence: 4, overrides: DEBUG_ON }), "number 4, and number 5 was seen"],
  [
    "another project's",
    sign({ sequence: 6, project: "bank", overrides: DEBUG_ON }),
    "it is for bank/live",
  ],
  [
    "another environment's",
    sign({ sequence: 6, environment: "test", overrides: DEBUG_ON }),
    "it is for shop/test",
  ],
  [
    "one that has run out",
    sign({ sequence: 6, issued: now - 100, expires: now - 50, overrides: DEBUG_ON }),
    "it has run out",
  ],
  [
    "one by another key",
    sign({ sequence: 6, overrides: DEBUG_ON }, newPrivateKey()),
    "its key may not",
  ],
  ["a page", "<!doctype html>", "its key may not"],
  ["a set without an end to it", "x".repeat(100_000), "override set"],
];

/** To be called at the top of a test file. @returns what starts one, which sends one text after the other */
export function useHostileServers(): (texts: readonly string[]) => HostileServer {
  const servers: Bun.Server<undefined>[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop(true);
  });
  return (texts) => {
    let index = 0;
    let announce: (() => void) | undefined;
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 0,
      routes: {
        [`${SHOP}/events`]: () => {
          let tell: (() => void) | undefined;
          return new Response(
            new ReadableStream({
              start(controller) {
                tell = () => controller.enqueue(new TextEncoder().encode(`id: ${index}\n\n`));
                announce = tell;
                announce();
              },
              cancel() {
                if (announce === tell) announce = undefined;
              },
            }),
          );
        },
        [`${SHOP}/set`]: () => new Response(texts[index]),
        [`${SHOP}/hosts`]: () => new Response(null, { status: 204 }),
      },
    });
    servers.push(server);
    const next = (): void => {
      index++;
      announce?.();
    };
    return { url: server.url.href, next };
  };
}
