/** 3 ns for a call of the native library, 0.5 ns for a field of the record. */

import { native } from "../../src/native/index.ts";
import { check, compare, timed } from "../support/measure.ts";
import type { ZigLoops } from "../support/zig_loops.ts";
import { Fixture } from "./fixture.ts";
import { type ClaimRow, type Effort } from "./row.ts";

const CALL = { claim: "call of the native library", claimNs: 3 } as const;
const FIELD = { claim: "read of `Bun.config.version`", claimNs: 0.5 } as const;
const READS = 1_000_000;

/** Every loop stands by itself: one that two subjects shared would cost both a call. */
export async function readRows({ pairs, times }: Effort, zig: ZigLoops): Promise<ClaimRow[]> {
  using fixture = new Fixture();
  // The preload, as a project has it.
  process.env["IMMUCONFIG_FILE"] = fixture.path;
  await import("../../src/register.ts");
  check(native.load(fixture.bytes).fault === "none", "the file does not load natively");

  const reads = times(READS);
  const local = Object.freeze({ version: 1 });
  const sum = (loop: () => number) => () => {
    let total = 0;
    const time = timed(() => (total = loop())) / reads;
    check(total === reads, "a loop read something else");
    return time;
  };
  const { version, header } = native;
  const empty = zig.bench_empty;
  const copy = header.slice();

  const byCall = sum(() => {
    let total = 0;
    for (let i = 0; i < reads; i++) total += version();
    return total;
  });
  const emptyCall = sum(() => {
    let total = 0;
    for (let i = 0; i < reads; i++) total += empty();
    return total;
  });
  const byField = sum(() => {
    let total = 0;
    for (let i = 0; i < reads; i++) total += Bun.config.version;
    return total;
  });
  const localField = sum(() => {
    let total = 0;
    for (let i = 0; i < reads; i++) total += local.version;
    return total;
  });
  const byArray = sum(() => {
    let total = 0;
    for (let i = 0; i < reads; i++) total += header[4] ?? 0;
    return total;
  });
  const localArray = sum(() => {
    let total = 0;
    for (let i = 0; i < reads; i++) total += copy[4] ?? 0;
    return total;
  });
  return [
    {
      ...CALL,
      meaning: "`native.version()` from JavaScript",
      floor: "an empty call by `bun:ffi`",
      result: await compare(pairs, { subject: byCall, floor: emptyCall }),
    },
    {
      ...FIELD,
      meaning: "in a loop that adds it up",
      floor: "the loop with a local frozen object",
      floorIsLoop: true,
      result: await compare(pairs, { subject: byField, floor: localField }),
    },
    {
      ...FIELD,
      meaning: "`native.header[4]`: the byte in Zig's memory, not copied",
      floor: "the loop with an array of JavaScript's own",
      floorIsLoop: true,
      result: await compare(pairs, { subject: byArray, floor: localArray }),
    },
  ];
}
