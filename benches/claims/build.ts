/** What the build is said to take: 1.2 µs to parse, and nanoseconds for the rest. */

import { join } from "node:path";
import type { BuildFlags } from "../../src/bundle/flags/build_flags.ts";
import { bundleWithFeatures } from "../../src/bundle/feature_elimination.ts";
import { loadBuildFlags } from "../../src/bundle/adapters/common.ts";
import { fastScan } from "../../src/bundle/source/fast_scan/fast_scan.ts";
import { scanTree } from "../../src/bundle/source/scan.ts";
import { parseSource } from "../../src/bundle/source/parse.ts";
import { transformSource } from "../../src/bundle/source/transform.ts";
import { walkTree } from "../../src/bundle/source/walk_tree.ts";
import { check, compare } from "../support/measure.ts";
import { Fixture } from "./fixture.ts";
import { type ClaimRow, each, type Effort, timedOnce } from "./row.ts";

/** The smallest program that shows the elimination. */
const PROGRAM = `import { feature } from "bun:bundle";
export function answer() {
  if (feature("DEBUG")) return "alive";
  return "dead";
}
`;
/** In the program of many calls, one a line. */
const CALLS = 500;
const TODAY = "2026-01-01";

export async function buildRows(effort: Effort): Promise<ClaimRow[]> {
  using fixture = new Fixture();
  const record = loadBuildFlags({ file: fixture.path });
  return [
    await parsing(effort),
    ...(await finding(effort)),
    await replacing(effort, record),
    await eliminating(effort),
    ...(await building(effort, fixture)),
  ];
}

async function parsing({ pairs, times }: Effort): Promise<ClaimRow> {
  check(parseSource("a.ts", PROGRAM).program.body.length === 2, "the program parses otherwise");
  const count = times(200);
  return {
    claim: "build: parse",
    claimNs: 1_200,
    meaning: "a program of five lines, by oxc",
    floor: "an empty module, by oxc",
    result: await compare(pairs, {
      subject: each(count, () => parseSource("a.ts", PROGRAM).program),
      floor: each(count, () => parseSource("a.ts", "").program),
    }),
  };
}

async function finding({ pairs, times }: Effort): Promise<ClaimRow[]> {
  const parsed = parseSource("a.ts", PROGRAM);
  check(scanTree(parsed).calls.length === 1, "the scan finds another number of calls");
  check(fastScan(PROGRAM, "ts")?.calls.length === 1, "the fast scan finds another number of calls");
  const nothing = { enter: () => false, leave: () => undefined };
  const count = times(200);
  return [
    {
      claim: "build: calls found",
      claimNs: 450,
      meaning: "a simple source, by the fast scan of its text",
      floor: "the search for `bun:bundle` in it",
      result: await compare(pairs, {
        subject: each(count, () => fastScan(PROGRAM, "ts")),
        floor: each(count, () => PROGRAM.indexOf("bun:bundle")),
      }),
    },
    {
      claim: "build: calls found",
      claimNs: 450,
      meaning: "any source, in its syntax tree",
      floor: "a walk of the tree that does nothing",
      result: await compare(pairs, {
        subject: each(count, () => scanTree(parsed)),
        floor: each(count, () => walkTree(parsed.program, nothing)),
      }),
    },
  ];
}

async function replacing({ pairs, times }: Effort, record: BuildFlags): Promise<ClaimRow> {
  const line = 'if (feature("DEBUG")) f();\n';
  const code = `import { feature } from "bun:bundle";\n${line.repeat(CALLS)}`;
  const result = transformSource(code, "a.ts", record, TODAY)?.code ?? "";
  check(result.split("if (true").length === CALLS + 1, "not every call was replaced");
  const count = times(10);
  const transform = each(count, () => transformSource(code, "a.ts", record, TODAY));
  const look = each(count, () => fastScan(code, "ts"));
  const replace = each(count, () => code.replaceAll('feature("DEBUG")', "true"));
  return {
    claim: "build: one call replaced",
    claimNs: 23,
    meaning: `the transform of ${CALLS} calls, less the fast scan, a call`,
    floor: "`replaceAll` on the text, which knows no syntax",
    result: await compare(pairs, {
      subject: () => (transform() - look()) / CALLS,
      floor: () => replace() / CALLS,
    }),
  };
}

/** Bun's own elimination, which no program can time by itself. */
async function eliminating({ pairs, times }: Effort): Promise<ClaimRow> {
  const transpiler = new Bun.Transpiler({ deadCodeElimination: true });
  const dead = 'if (true) console.log("alive"); else console.log("dead");';
  const alive = 'console.log("alive");';
  const output = transpiler.transformSync(dead);
  check(output.includes("alive") && !output.includes("dead"), "the dead branch is still there");
  const count = times(200);
  return {
    claim: "build: dead code eliminated",
    claimNs: 180,
    meaning: "a dead branch parsed, dropped and printed, by Bun",
    floor: "the live branch alone parsed and printed, by Bun",
    result: await compare(pairs, {
      subject: each(count, () => transpiler.transformSync(dead)),
      floor: each(count, () => transpiler.transformSync(alive)),
    }),
  };
}

async function building({ slowPairs }: Effort, { folder, path }: Fixture): Promise<ClaimRow[]> {
  const entry = join(folder, "program.ts");
  const empty = join(folder, "empty.ts");
  await Bun.write(entry, PROGRAM);
  await Bun.write(empty, "");
  const bunBuild = async (source: string): Promise<number> => {
    let text: string | undefined;
    const time = await timedOnce(async () => {
      const { outputs } = await Bun.build({
        entrypoints: [source],
        features: ["DEBUG"],
        minify: { syntax: true },
      });
      text = await outputs[0]?.text();
    });
    checkOutput(text, source === entry);
    return time;
  };
  const ourBuild = async (): Promise<number> => {
    let text: string | undefined;
    const time = await timedOnce(async () => {
      const bundle = await bundleWithFeatures(entry, {}, { file: path, report: () => undefined });
      text = await bundle.files[0]?.content.text();
    });
    checkOutput(text, true);
    return time;
  };
  return [
    {
      claim: "build: output",
      claimNs: 67,
      meaning: "the bundle of the program, in memory, by `Bun.build`",
      floor: "`Bun.build` of an empty module",
      result: await compare(slowPairs, {
        subject: () => bunBuild(entry),
        floor: () => bunBuild(empty),
      }),
    },
    {
      claim: "build: all of it with one call",
      claimNs: 1_200 + 450 + 23 + 180 + 67,
      meaning: "`bundleWithFeatures`: built, checked, the record in the output",
      floor: "`Bun.build` of the same with the same feature",
      result: await compare(slowPairs, { subject: ourBuild, floor: () => bunBuild(entry) }),
    },
  ];
}

function checkOutput(text: string | undefined, hasAnswer: boolean): void {
  check(text !== undefined && !text.includes("dead"), "the dead branch is in the bundle");
  check(text?.includes("alive") === hasAnswer, "the bundle holds something else");
}
