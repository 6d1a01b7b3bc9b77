import { afterAll, beforeAll, expect, test } from "bun:test";
import { hasAllCores, openCores } from "../support/native_cores.ts";
import { Random } from "../support/random.ts";
import { mutate, randomFile, randomRecord } from "./corpus.ts";

const INPUT_COUNT = Number(process.env["IMMUCONFIG_FUZZ_INPUTS"] ?? 1_000_000);
const SEED = Number(process.env["IMMUCONFIG_FUZZ_SEED"] ?? 1);
const BASE_COUNT = 200;

// The TypeScript codec refuses by throwing; traces would be most of the run.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

test.skipIf(!hasAllCores)(
  `the three implementations agree on ${INPUT_COUNT} files`,
  () => {
    const random = new Random(SEED);
    const cores = openCores();
    const bases = Array.from({ length: BASE_COUNT }, () => randomFile(random));
    const room = new Uint8Array(Math.max(...bases.map((base) => base.length)) + 64);
    const seen = new Map<string, number>();
    for (let i = 0; i < INPUT_COUNT; i++) {
      const base = random.pick(bases);
      const bytes = i % 16 === 0 ? base : mutate(base, room, random);
      const [first, ...others] = cores.map((core) => core.verify(bytes));
      for (const other of others) {
        const agrees =
          first?.fault === other.fault &&
          first.offset === other.offset &&
          first.signed === other.signed;
        if (!agrees) throw new Error(disagreement(i, bytes, first, other));
      }
      const fault = first?.fault ?? "none";
      seen.set(fault, (seen.get(fault) ?? 0) + 1);
    }
    // The run is worth nothing unless it gets past the first checks.
    for (const fault of ["none", "packages", "sectionTag", "sectionLength", "flagBit"]) {
      expect([fault, (seen.get(fault) ?? 0) > INPUT_COUNT / 5_000]).toEqual([fault, true]);
    }
    expect(seen.size).toBeGreaterThan(15);
  },
  300_000,
);

function disagreement(input: number, bytes: Uint8Array, ...verdicts: unknown[]): string {
  return `seed ${SEED}, input ${input}: ${JSON.stringify(verdicts)} on ${bytes.toHex()}`;
}

test.skipIf(!hasAllCores)("they agree on records, headers and hashes", () => {
  const random = new Random(SEED);
  const cores = openCores();
  const same = <T>(ask: (core: (typeof cores)[number]) => T): T => {
    const answers = cores.map(ask);
    for (const answer of answers) expect(answer).toEqual(answers[0] as T);
    return answers[0] as T;
  };
  for (let i = 0; i < 2_000; i++) {
    const body = random.bytes(4 + random.below(40));
    const fields = {
      record: randomRecord(random),
      generation: random.uint32(),
      frozen: random.below(2) === 0,
    };
    const header = same((core) => core.encodeHeader(fields, body));
    const record = header.slice(4, 17);
    expect(same((core) => core.verifyRecord(record)).fault).toBe("none");
    record[random.below(13)] = random.below(256);
    same((core) => core.verifyRecord(record));
    same((core) => core.verifyRecord(body));
    same((core) => core.murmurHash3(body, fields.generation));
    const first = same((core) => core.crc64(header));
    same((core) => core.crc64(body, first));
  }
});
