/** What a program pays to have the record: the import, and each read. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "../../src/runtime/load.ts";
import { type BenchOptions, type Bound, ratioBound } from "../support/bound.ts";
import {
  installPackages,
  processorTime,
  removePackages,
  runProcess,
} from "../support/installed.ts";
import { check, compare, inTurn, timed } from "../support/measure.ts";

const IMPORT_RATIO_MAX = 2.7;
/** Some ten seconds. */
const IMPORT_ROUNDS = 400;
const LIVE_RATIO_MAX = 1.8;
const READ_RATIO_MAX = 1.05;

export async function startBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const folder = installPackages();
  try {
    return [
      importBound(folder, quick ? 2 : IMPORT_ROUNDS),
      await liveBound(folder, quick ? 2 : 60),
      await readBound(join(folder, "bunfig.lockb"), quick),
    ];
  } finally {
    removePackages(folder);
  }
}

/** What each of two imports adds to an empty program, in processor time. */
function importBound(folder: string, rounds: number): Bound {
  const program = (name: string, text: string) => {
    const command = [process.execPath, writeProgram(folder, name, text)];
    return () => processorTime(command, folder);
  };
  const { ours, oneLine } = inTurn(rounds, {
    base: program("empty.ts", ""),
    ours: program(
      "importing.ts",
      'import { config } from "immuconfig"; if (config.features.FLAG_1 !== true) process.exit(1);',
    ),
    oneLine: program("one_line.ts", 'import "one-line";'),
  });
  return {
    name: "import of immuconfig / of a package of one line",
    subjectNs: ours,
    floorNs: oneLine,
    value: ours / oneLine,
    max: IMPORT_RATIO_MAX,
    unit: "times",
  };
}

async function liveBound(folder: string, rounds: number): Promise<Bound> {
  const live = writeProgram(
    folder,
    "live.ts",
    'import { live } from "immuconfig/live"; if (live.features.FLAG_1 !== true) process.exit(1); process.exit(0);',
  );
  const plain = writeProgram(
    folder,
    "plain.ts",
    'import { config } from "immuconfig"; process.exit(config.features.FLAG_1 === true ? 0 : 1);',
  );
  const result = await compare(rounds, {
    subject: () => runProcess([process.execPath, live], folder),
    floor: () => runProcess([process.execPath, plain], folder),
  });
  return ratioBound("a program with immuconfig/live / with immuconfig", result, LIVE_RATIO_MAX);
}

/** Reads of `config.features.X` where X comes from data, so that nothing can be folded. */
async function readBound(path: string, quick: boolean): Promise<Bound> {
  const reads = quick ? 1_000 : 1_000_000;
  const { features } = load(path);
  const local: Readonly<Record<string, boolean>> = Object.freeze({ ...features });
  const names = Object.keys(local);
  const order = Uint8Array.from({ length: 4096 }, () => Math.floor(Math.random() * names.length));
  const sum = (flags: Readonly<Record<string, boolean>>): number => {
    let on = 0;
    for (let i = 0; i < reads; i++) {
      if (readFlag(flags, order[i & 4095] ?? 0)) on++;
    }
    return on;
  };
  check(sum(features) === sum(local), "the two loops disagree");
  const result = await compare(quick ? 2 : 61, {
    subject: () => timed(() => sum(features)) / reads,
    floor: () => timed(() => sum(local)) / reads,
  });
  return ratioBound("config.features.X / a local frozen object", result, READ_RATIO_MAX);
}

function readFlag(flags: Readonly<Record<string, boolean>>, index: number): boolean | undefined {
  switch (index) {
    case 0:
      return flags["FLAG_0"];
    case 1:
      return flags["FLAG_1"];
    case 2:
      return flags["FLAG_2"];
    case 3:
      return flags["FLAG_3"];
    case 4:
      return flags["FLAG_4"];
    case 5:
      return flags["FLAG_5"];
    case 6:
      return flags["FLAG_6"];
    default:
      return flags["FLAG_7"];
  }
}

function writeProgram(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
