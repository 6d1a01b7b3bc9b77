/** 5 + 3 ns for a feature by its name, 0.3 ns for the check of a flag. */

import { join } from "node:path";
import { bundleWithFeatures } from "../../src/bundle/feature_elimination.ts";
import { openLive } from "../../src/live/view.ts";
import { native } from "../../src/native/index.ts";
import { load } from "../../src/runtime/load.ts";
import { check, compare, timed } from "../support/measure.ts";
import type { ZigLoops } from "../support/zig_loops.ts";
import { Fixture } from "./fixture.ts";
import { type ClaimRow, type Effort, inside } from "./row.ts";

const BY_NAME = { claim: "feature by name, 5 + 3 ns", claimNs: 8 } as const;
const FLAG = { claim: "check of a flag", claimNs: 0.3 } as const;
const READS = 1_000_000;
const DEBUG_BIT = 2;

export async function flagRows(effort: Effort, zig: ZigLoops): Promise<ClaimRow[]> {
  using fixture = new Fixture();
  check(native.load(fixture.bytes).fault === "none", "the file does not load natively");
  return [
    ...(await byName(effort, zig, fixture)),
    await builtIn(effort, fixture),
    ...(await atRunTime(effort, zig, fixture)),
  ];
}

/** Times a loop of `reads`, each of which must find the flag on. */
function counted(reads: number, loop: () => number): () => number {
  return () => {
    let on = 0;
    const time = timed(() => (on = loop())) / reads;
    check(on === reads, "a loop saw the flag off");
    return time;
  };
}

async function byName(
  { pairs, times }: Effort,
  zig: ZigLoops,
  { path }: Fixture,
): Promise<ClaimRow[]> {
  const count = times(100_000);
  const name = new TextEncoder().encode("DEBUG");
  check(zig.bench_find(name, name.length, 3) === 3, "Zig finds another flag");
  const reads = times(READS);
  const features: Readonly<Record<string, boolean>> = load(path).features;
  const local: Readonly<Record<string, boolean>> = Object.freeze({ ...features });
  const names = Object.keys(features);
  const { featureByName } = native;
  const empty = zig.bench_empty;
  return [
    {
      ...BY_NAME,
      meaning: "looked up in a table of one and tested, in Zig",
      floor: "a loop iteration in Zig",
      result: await compare(pairs, {
        subject: inside(count, (n) => zig.bench_find(name, name.length, n)),
        floor: inside(count, zig.bench_loop),
      }),
    },
    {
      ...BY_NAME,
      meaning: '`native.featureByName("DEBUG")` from JavaScript',
      floor: "an empty call by `bun:ffi`",
      result: await compare(pairs, {
        subject: counted(count, () => {
          let on = 0;
          for (let i = 0; i < count; i++) if (featureByName("DEBUG") === true) on++;
          return on;
        }),
        floor: counted(count, () => {
          let on = 0;
          for (let i = 0; i < count; i++) on += empty();
          return on;
        }),
      }),
    },
    {
      ...BY_NAME,
      meaning: "`config.features[name]`, the name from an array",
      floor: "the same of a local frozen object",
      result: await compare(pairs, {
        subject: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if (features[names[i % names.length] ?? ""]) on++;
          return on;
        }),
        floor: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if (local[names[i % names.length] ?? ""]) on++;
          return on;
        }),
      }),
    },
  ];
}

const LOOPS = `import { feature } from "bun:bundle";
export function flagged(reads) {
  let on = 0;
  for (let i = 0; i < reads; i++) on += feature("DEBUG") ? 1 : 0;
  return on;
}
export function plain(reads) {
  let on = 0;
  for (let i = 0; i < reads; i++) on += 1;
  return on;
}
`;

interface Loops {
  readonly flagged: (reads: number) => number;
  readonly plain: (reads: number) => number;
}

async function builtIn({ pairs, times }: Effort, { folder, path }: Fixture): Promise<ClaimRow> {
  const entry = join(folder, "loops.js");
  await Bun.write(entry, LOOPS);
  const { files } = await bundleWithFeatures(entry, {}, { file: path, report: () => undefined });
  const text = (await files[0]?.content.text()) ?? "";
  check(text.includes("plain") && !text.includes("feature("), "the call is still in the bundle");
  const built = join(folder, "built.js");
  await Bun.write(built, text);
  const { flagged, plain }: Loops = await import(built);
  const reads = times(READS);
  return {
    ...FLAG,
    meaning: '`feature("DEBUG")` in a built program, which holds a literal',
    floor: "the loop without it, in the same program",
    floorIsLoop: true,
    result: await compare(pairs, {
      subject: counted(reads, () => flagged(reads)),
      floor: counted(reads, () => plain(reads)),
    }),
  };
}

async function atRunTime(
  { pairs, times }: Effort,
  zig: ZigLoops,
  { path, env }: Fixture,
): Promise<ClaimRow[]> {
  const reads = times(READS);
  const { features } = load(path);
  const local: Readonly<Record<string, boolean>> = Object.freeze({ ...features });
  const { feature } = native;
  const empty = zig.bench_empty;
  const live = await openLive(path, { env });
  const liveFeatures = live.features;
  const words = new Int32Array(new SharedArrayBuffer(4));
  words[0] = 1;
  const rows: ClaimRow[] = [
    {
      ...FLAG,
      meaning: "`config.features.DEBUG` in a loop that counts it",
      floor: "the loop with a local frozen object",
      floorIsLoop: true,
      result: await compare(pairs, {
        subject: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if (features["DEBUG"]) on++;
          return on;
        }),
        floor: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if (local["DEBUG"]) on++;
          return on;
        }),
      }),
    },
    {
      ...FLAG,
      meaning: "`native.feature(bit)` from JavaScript",
      floor: "an empty call by `bun:ffi`",
      result: await compare(pairs, {
        subject: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if (feature(DEBUG_BIT)) on++;
          return on;
        }),
        floor: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if (empty() === 1) on++;
          return on;
        }),
      }),
    },
  ];
  if (live.mode === "mapped") {
    rows.push({
      ...FLAG,
      meaning: "`live.features.DEBUG`, which another process may flip",
      floor: "a bare `Atomics.load`",
      result: await compare(pairs, {
        subject: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if (liveFeatures["DEBUG"]) on++;
          return on;
        }),
        floor: counted(reads, () => {
          let on = 0;
          for (let i = 0; i < reads; i++) if ((Atomics.load(words, 0) & 1) !== 0) on++;
          return on;
        }),
      }),
    });
  }
  live.close();
  return rows;
}
