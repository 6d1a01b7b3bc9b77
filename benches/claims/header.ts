/** 67 ns to create the header. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { bootstrap } from "../../src/bootstrap.ts";
import { type File, encodeFile } from "../../src/format/file.ts";
import { OFFSET } from "../../src/format/layout.ts";
import { native } from "../../src/native/index.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { readConfigFile } from "../../src/trust/verified.ts";
import { check, compare } from "../support/measure.ts";
import type { ZigLoops } from "../support/zig_loops.ts";
import { Fixture, REGISTRY } from "./fixture.ts";
import { type ClaimRow, each, type Effort, inside, timedOnce } from "./row.ts";
import { createDurably } from "./system_calls.ts";

const CLAIM = { claim: "header creation", claimNs: 67 } as const;
/** The low half of the checksum of the golden header, which the Zig loop encodes. */
const GOLDEN_CHECKSUM = 0xf45f7899;

export async function headerRows(effort: Effort, zig: ZigLoops): Promise<ClaimRow[]> {
  return [await inZig(effort, zig), await inTypescript(effort), await onDisk(effort)];
}

async function inZig({ pairs, times }: Effort, zig: ZigLoops): Promise<ClaimRow> {
  const count = times(100_000);
  check(zig.bench_encode(1) === GOLDEN_CHECKSUM, "Zig encodes another header");
  return {
    ...CLAIM,
    meaning: "the 104 bytes encoded and sealed in memory, in Zig",
    floor: "a loop iteration in Zig",
    result: await compare(pairs, {
      subject: inside(count, zig.bench_encode),
      floor: inside(count, zig.bench_loop),
    }),
  };
}

async function inTypescript({ pairs, times }: Effort): Promise<ClaimRow> {
  const count = times(10_000);
  const file: File = { ...defaultFile({ registry: REGISTRY }), flags: [], meta: {} };
  const bytes = encodeFile(file);
  const header = native.encodeHeader(file, bytes.subarray(OFFSET.body));
  check(Buffer.compare(header, bytes.subarray(0, OFFSET.body)) === 0, "the headers differ");
  return {
    ...CLAIM,
    meaning: "the same and an empty body of 4 bytes, in TypeScript",
    floor: "a copy of the bytes",
    result: await compare(pairs, {
      subject: each(count, () => encodeFile(file)),
      floor: each(count, () => bytes.slice()),
    }),
  };
}

async function onDisk({ slowPairs }: Effort): Promise<ClaimRow> {
  using fixture = new Fixture();
  let made = 0;
  const place = (): { cwd: string; path: string } => {
    const cwd = join(fixture.folder, String(made++));
    mkdirSync(cwd);
    return { cwd, path: join(cwd, "bunfig.lockb") };
  };
  const result = await compare(slowPairs, {
    subject: async () => {
      const { cwd, path } = place();
      const env = { IMMUCONFIG_FILE: path };
      const time = await timedOnce(() => bootstrap({ cwd, env }, REGISTRY));
      check(readConfigFile(path, env).generation === 1, "bootstrap made another file");
      return time;
    },
    floor: () => {
      const { cwd, path } = place();
      return timedOnce(() => createDurably(cwd, path, fixture.bytes));
    },
  });
  return {
    ...CLAIM,
    meaning: "`bootstrap`: the file created, durable, and read back",
    floor: "open, write, fsync, rename, fsync of the folder",
    result,
  };
}
