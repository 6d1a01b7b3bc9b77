/** Sets of overrides that threads sign: the same, to the letter, as those that the server signs itself. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openOnlineKey } from "../../src/api/auth/online_key.ts";
import { nextRow } from "../../src/api/domain/audit_chain.ts";
import type { Change } from "../../src/api/domain/change.ts";
import type { Place } from "../../src/api/domain/places.ts";
import { applyRow } from "../../src/api/domain/fold.ts";
import { EMPTY_STATE, type Environment } from "../../src/api/domain/state.ts";
import { OverrideSets } from "../../src/api/override_sets.ts";
import { BulkSignatures } from "../../src/api/workers/bulk_signatures.ts";
import { WorkerPool } from "../../src/api/workers/pool.ts";
import type { Signer } from "../../src/trust/file_signature.ts";
import { newPrivateKey } from "../../src/trust/keys/private_key.ts";
import { readOverrideSet } from "../../src/trust/override_set.ts";
import { setsOf, settingsFor, transportFor } from "../fleet/fleet.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const WORKER = join(import.meta.dir, "..", "..", "src", "api", "workers", "worker.ts");
const NOW = Date.UTC(2030, 0, 1);
const HOUR = 60 * 60 * 1000;

const pools: WorkerPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.close();
});

interface Signing {
  readonly sets: OverrideSets;
  readonly signer: Signer;
  /** The file of the key. */
  readonly path: string;
  /** Signatures that were made here, not by a thread. */
  readonly own: () => number;
}

async function signing(): Promise<Signing> {
  const folder = temporaryFolder();
  const path = join(folder, "online.key");
  const signer = await openOnlineKey(folder, { isNew: true, replaces: false });
  const pool = new WorkerPool(WORKER, 2);
  pools.push(pool);
  let count = 0;
  const counted: Signer = {
    publicKey: signer.publicKey,
    sign(message) {
      count++;
      return signer.sign(message);
    },
  };
  const bulk = new BulkSignatures(pool, path, signer.publicKey);
  return { sets: new OverrideSets(counted, bulk), signer, path, own: () => count };
}

const nameOf = (index: number): Place => ({ project: "shop", environment: `e${index}` });

/** Environments with an override each; the last one has as many as may be. */
function environmentsOf(count: number): (readonly [Place, Environment])[] {
  let state = EMPTY_STATE;
  const apply = (change: Change): void => {
    state = applyRow(state, nextRow(state.head, "server", change, NOW));
  };
  for (let index = 0; index < count; index++) {
    const place = nameOf(index);
    apply({ kind: "environment.created", ...place });
    for (let flag = 0; flag < (index === count - 1 ? 64 : 1); flag++) {
      const name = `F${flag}`;
      apply({
        kind: "override.set",
        ...place,
        flag: name,
        enabled: true,
        until: null,
        reason: "r",
      });
    }
  }
  return Array.from({ length: count }, (_, index) => {
    const environment = state.projects.get("shop")?.environments.get(`e${index}`);
    return [nameOf(index), environment as Environment] as const;
  });
}

test("a thousand are signed apart, each as it would have been here, and none a second time", async () => {
  const { sets, signer, own } = await signing();
  const all = environmentsOf(1000);
  await sets.prepare(all, NOW);
  const alone = new OverrideSets(signer);
  for (const [place, environment] of all) {
    const { text } = await sets.current(place, environment, NOW);
    expect(text).toBe((await alone.current(place, environment, NOW)).text);
    const expected = { ...place, keys: [signer.publicKey], seen: 0, now: NOW / 1000 };
    expect(readOverrideSet(text, expected).overrides).toHaveLength(environment.overrides.size);
  }
  expect(own()).toBe(0);
  // An hour later they are signed anew.
  await sets.prepare(all, NOW + HOUR);
  const [[place, environment] = [nameOf(0), undefined]] = all;
  if (environment === undefined) throw new Error("there is none");
  const later = await sets.current(place, environment, NOW + HOUR);
  expect(later.text).toBe((await alone.current(place, environment, NOW + HOUR)).text);
  expect(own()).toBe(0);
});

test("a few are signed here, and those that are as they were not at all", async () => {
  const { sets, own } = await signing();
  const all = environmentsOf(70);
  await sets.prepare(all, NOW);
  await sets.prepare(all, NOW);
  for (const [place, environment] of all) await sets.current(place, environment, NOW);
  expect(own()).toBe(0);
  const changed = all.map(([place, one], index) => {
    return [place, index < 63 ? { ...one, changes: one.changes + 1 } : one] as const;
  });
  await sets.prepare(changed, NOW);
  for (const [place, environment] of changed) await sets.current(place, environment, NOW);
  expect(own()).toBe(63);
});

test("a set of a later change stays where an older one is signed after it", async () => {
  const { sets } = await signing();
  const all = environmentsOf(100);
  const [[place, older] = [nameOf(0), undefined]] = all;
  if (older === undefined) throw new Error("there is none");
  const newer = { ...older, changes: older.changes + 1 };
  const preparing = sets.prepare(all, NOW);
  const { sequence } = await sets.current(place, newer, NOW);
  await preparing;
  expect((await sets.current(place, newer, NOW)).sequence).toBe(sequence);
  const { text } = await sets.current(place, newer, NOW + HOUR / 2);
  expect(JSON.parse(Buffer.from(text.split(".")[1] ?? "", "base64url").toString()).seq).toBe(
    sequence,
  );
});

test("with another key in the file nothing is signed by it", async () => {
  const { sets, signer, path, own } = await signing();
  const all = environmentsOf(100);
  const pem = newPrivateKey().export({ format: "pem", type: "pkcs8" });
  writeFileSync(path, pem);
  expect(sets.prepare(all, NOW)).rejects.toMatchObject({
    code: "ERR_KEY",
    message: expect.stringContaining("another key than at the start"),
  });
  for (const [place, environment] of all) {
    const { text } = await sets.current(place, environment, NOW);
    const expected = { ...place, keys: [signer.publicKey], seen: 0, now: NOW / 1000 };
    expect(readOverrideSet(text, expected).sequence).toBe(environment.changes);
  }
  expect(own()).toBe(100);
});

test.skipIf(!hasNats())("a broker that is there at the start hears of all of them", async () => {
  await using broker = await Broker.start();
  const data = temporaryFolder();
  const first = await Plane.start({ data }, undefined, undefined, Date.now());
  const { token } = first;
  for (const project of ["shop", "other"]) {
    await first.call("POST", "/v1/projects", { project });
    for (let index = 0; index < 40; index++) {
      const environment = index === 0 ? "live" : `e${index}`;
      await first.call("POST", `/v1/projects/${project}/environments`, { environment });
    }
  }
  await first.server.stop();
  const nats = settingsFor([broker.url]);
  await using plane = await Plane.start({ data, nats }, token, undefined, Date.now());
  const stop = new AbortController();
  const next = setsOf(transportFor([broker.url]), stop.signal);
  const text = await next();
  const { body } = await plane.call("GET", `${SHOP}/set`);
  expect(text).toBe(body);
  stop.abort();
  expect(plane.faults).toEqual([]);
});
