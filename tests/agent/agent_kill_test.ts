/** The agent, killed at random instants while it keeps sets and brings them to the live flags. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { OVERRIDE_SET_SIZE_MAX } from "../../src/base/limits.ts";
import { openLive } from "../../src/live/view.ts";
import { SlotFile } from "../../src/store/slot_file.ts";
import { readOverrideSet } from "../../src/trust/override_set.ts";
import { type Plane, SHOP } from "../api/support.ts";
import { Random } from "../support/random.ts";
import { until } from "../support/until.ts";
import { type Host, useHosts } from "./host.ts";

setDefaultTimeout(300_000);
const { makeHost, startPlane } = useHosts();
const ROUNDS = 24;
/** Switches a flag of the shop to and fro, as often as it is asked. */
class Switch {
  readonly #plane: Plane;
  #tag: string;
  #count = 0;

  constructor(plane: Plane, tag: string) {
    this.#plane = plane;
    this.#tag = tag;
  }

  /** Whether the flag is on after this. */
  async flip(): Promise<boolean> {
    const enabled = this.#count++ % 2 === 1;
    const answered = await this.#plane.call(
      "PUT",
      `${SHOP}/overrides/CHECKOUT`,
      { enabled, reason: "try" },
      { "if-match": this.#tag },
    );
    expect(answered.status).toBe(200);
    this.#tag = answered.etag;
    return enabled;
  }
}

/** What the host keeps is nothing or a whole set, never an older one, and a new reader finds whole flags. */
async function checkState(host: Host, key: string, seen: number): Promise<number> {
  const folder = join(host.env.HOME, ".local", "state", "immuconfig", "agents");
  let sequence = 0;
  for (const name of namesIn(folder)) {
    const text = new SlotFile(join(folder, name, "sets"), OVERRIDE_SET_SIZE_MAX).read();
    if (text !== undefined) {
      const keys = [Uint8Array.fromHex(key)];
      const expected = { project: "shop", environment: "live", keys, seen: 0, now: undefined };
      ({ sequence } = readOverrideSet(text, expected));
    }
  }
  expect(sequence).toBeGreaterThanOrEqual(seen);
  const again = await openLive(join(host.folder, "bunfig.lockb"), { env: host.env });
  expect(again.features["CHECKOUT"]).toBeBoolean();
  expect(again.features["CHECKOUT"]).toBe(host.live.features["CHECKOUT"] === true);
  again.close();
  return sequence;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

test(`killed ${ROUNDS} times at random, it starts again on a whole state`, async () => {
  const { plane, tag, key } = await startPlane();
  await using _plane = plane;
  await using host = await makeHost();
  const random = new Random(7);
  const flag = new Switch(plane, tag);
  let seen = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const agent = await host.start(plane.server.url.href, key, plane.token);
    if (round % 2 === 0) await agent.next("applied");
    const end = performance.now() + random.below(300);
    while (performance.now() < end) await flag.flip();
    agent.process.kill("SIGKILL");
    await agent.process.exited;
    seen = await checkState(host, key, seen);
  }
  expect(seen).toBeGreaterThan(2);
  const last = await host.start(plane.server.url.href, key, plane.token);
  expect(await last.next("applied")).toMatchObject({ sequence: seen, fromDisk: true });
  const enabled = await flag.flip();
  await until(() => host.live.features["CHECKOUT"] === enabled);
});
