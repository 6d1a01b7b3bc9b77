// A real older Bun, in a temporary folder, is upgraded to the real current one and rolled back,
// from a registry of the test's own; and docs/upgrade.md shows exactly that.
import { expect, test } from "bun:test";
import { captureExchange, documentedExchange } from "../../scripts/upgrade_exchange.ts";
import { OLDER_VERSION, olderBun } from "../support/real_bun.ts";

/** Takes out what differs from run to run. */
function lasting(exchange: string): string[] {
  return exchange
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/SHA256:[A-Za-z0-9+/]+/g, "SHA256:KEY")
    .replaceAll(/\d+\.\d MB/g, "N MB")
    .replaceAll(/in \d+(\.\d)? m?s/g, "in TIME")
    .trim()
    .split("\n");
}

test.skipIf(olderBun === undefined)(
  "an older Bun becomes the current one and goes back, as documented",
  async () => {
    const exchange = lasting(await captureExchange());
    const versions = exchange.flatMap((line, index) =>
      line === "$ bun --version" ? [exchange[index + 1]] : [],
    );
    expect(versions).toEqual([OLDER_VERSION, Bun.version, OLDER_VERSION]);
    expect(lasting(documentedExchange())).toEqual(exchange);
  },
  60_000,
);
