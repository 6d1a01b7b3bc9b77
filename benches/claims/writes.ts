/** 45 ns for a byte written, with fsync; 23 ns to change a flag. */

import { closeSync, openSync, writeSync } from "node:fs";
import { setTerminalSize } from "../../src/format/edit/set_fields.ts";
import { switchFlags } from "../../src/format/edit/switch_flags.ts";
import { OFFSET } from "../../src/format/layout.ts";
import { requirePlace } from "../../src/live/place.ts";
import { openLive } from "../../src/live/view.ts";
import { setOverride } from "../../src/live/writer.ts";
import { findLibrary } from "../../src/native/library.ts";
import { withLock } from "../../src/store/lock.ts";
import { updateFile } from "../../src/store/update.ts";
import { verifiedReader } from "../../src/trust/verified.ts";
import { openFlip } from "../support/live_flip.ts";
import { check, compare } from "../support/measure.ts";
import { Fixture } from "./fixture.ts";
import { type ClaimRow, each, type Effort, timedOnce } from "./row.ts";
import { byteAt, writeInPlace } from "./system_calls.ts";

const BYTE = { claim: "byte write, with fsync", claimNs: 45 } as const;
const DEBUG = 1 << 2;
const FLAG = { claim: "flag read, changed and written", claimNs: 23 } as const;

export async function writeRows(effort: Effort): Promise<ClaimRow[]> {
  const hasLive = findLibrary() !== undefined && process.platform !== "win32";
  return [
    ...(hasLive ? [await visibleByte(effort)] : []),
    await cachedByte(effort),
    await durableByte(effort),
    ...(hasLive ? [await visibleFlag(effort)] : []),
    await durableFlag(effort),
  ];
}

/** From JavaScript into memory that every process of the host has mapped. */
async function visibleByte({ pairs, times }: Effort): Promise<ClaimRow> {
  using fixture = new Fixture();
  const live = await openLive(fixture.path, { env: fixture.env });
  const flip = openFlip(requirePlace(fixture.path, fixture.env).segment, "DEBUG");
  const spare = new Int32Array(new SharedArrayBuffer(4));
  const count = times(2_000);
  let flips = 0;
  const result = await compare(pairs, {
    subject: each(count, () => flip((flips++ & 1) === 0)),
    floor: each(count, () => Atomics.store(spare, 0, flips)),
  });
  check(live.features["DEBUG"] === ((flips & 1) === 1), "the live view shows another flip");
  live.close();
  return {
    ...BYTE,
    meaning: "visible: a live flip from JavaScript, under a lock held already",
    floor: "a bare `Atomics.store`",
    result,
  };
}

/** The way of the first description of writing, which immuconfig does not use. */
async function cachedByte({ pairs, times }: Effort): Promise<ClaimRow> {
  using fixture = new Fixture();
  const descriptor = openSync(fixture.path, "r+");
  const byte = Uint8Array.of(25);
  const count = times(200);
  const result = await compare(pairs, {
    subject: each(count, () => writeSync(descriptor, byte, 0, 1, OFFSET.rows)),
    floor: each(count, () => writeSync(descriptor, byte, 0, 0, OFFSET.rows)),
  });
  closeSync(descriptor);
  check(byteAt(fixture.path, OFFSET.rows) === 25, "the byte is not in the file");
  return {
    ...BYTE,
    meaning: "cached: one byte by a bare `pwrite`, lost in a power cut, checksum left stale",
    floor: "a `pwrite` of no byte",
    result,
  };
}

async function durableByte({ slowPairs }: Effort): Promise<ClaimRow> {
  let rows = 0;
  const result = await durable(
    slowPairs,
    () => setTerminalSize("rows", (rows = (rows + 1) % 256)),
    (path) => check(byteAt(path, OFFSET.rows) === rows, "the byte is not in the file"),
  );
  return {
    ...BYTE,
    meaning: "durable: the command's write, locked, sealed, and the file replaced",
    floor: IN_PLACE,
    result,
  };
}

/** As `bun-config live set` does it, without the start of a process. */
async function visibleFlag({ slowPairs }: Effort): Promise<ClaimRow> {
  using fixture = new Fixture();
  const { env, folder, path } = fixture;
  const live = await openLive(path, { env });
  let enabled = true;
  const result = await compare(slowPairs, {
    subject: () => {
      enabled = !enabled;
      return timedOnce(() => setOverride(path, "DEBUG", enabled, { env, now: Date.now }));
    },
    floor: () => timedOnce(() => withLock(folder, () => undefined)),
  });
  check(live.features["DEBUG"] === enabled, "the live view shows another value");
  live.close();
  return {
    ...FLAG,
    meaning: "visible: `live set`, with its lock and the file read and verified",
    floor: "the lock taken and given back",
    result,
  };
}

async function durableFlag({ slowPairs }: Effort): Promise<ClaimRow> {
  let enabled = true;
  const result = await durable(
    slowPairs,
    () => switchFlags(["DEBUG"], (enabled = !enabled)),
    (path) =>
      check(
        (byteAt(path, OFFSET.featureFlags) === DEBUG) === enabled,
        "the flag is not in the file",
      ),
  );
  return {
    ...FLAG,
    meaning: "durable: `feature enable`, locked, sealed, and the file replaced",
    floor: IN_PLACE,
    result,
  };
}

const IN_PLACE = "`pwrite` of one byte and `fdatasync`";

async function durable(
  pairs: number,
  change: () => Parameters<typeof updateFile>[1],
  verify: (path: string) => void,
) {
  using fixture = new Fixture();
  using bare = new Fixture();
  const descriptor = openSync(bare.path, "r+");
  let value = 0;
  const result = await compare(pairs, {
    subject: () =>
      timedOnce(() => updateFile(fixture.path, change(), { read: verifiedReader({}) })),
    floor: () =>
      timedOnce(() => writeInPlace(descriptor, Uint8Array.of(value++ & 0xff), OFFSET.rows)),
  });
  closeSync(descriptor);
  verify(fixture.path);
  return result;
}
