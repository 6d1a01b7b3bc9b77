/** Timing in one run: two things in turn, so that the machine's drift meets both. */

export interface Comparison {
  /** Median of each, in nanoseconds. */
  readonly subject: number;
  readonly floor: number;
  /** The quartiles of the subject, in nanoseconds. */
  readonly subjectSpread: readonly [number, number];
  /** The lower quartile of each, in nanoseconds: what else runs only adds to a time. */
  readonly low: Pair;
  /** Median of the ratios, pair by pair. */
  readonly ratio: number;
  /** The quartiles of the ratios. */
  readonly spread: readonly [number, number];
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function quartiles(values: readonly number[]): readonly [number, number] {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

/**
 * Runs both functions in turn.
 *
 * @param rounds measured pairs, after a tenth as many to warm up
 * @param run each gives its own time in nanoseconds
 */
export async function compare(
  rounds: number,
  run: { subject: () => number | Promise<number>; floor: () => number | Promise<number> },
): Promise<Comparison> {
  for (let i = 0; i < Math.ceil(rounds / 10); i++) {
    await run.floor();
    await run.subject();
  }
  const pairs: Pair[] = [];
  for (let i = 0; i < rounds; i++) {
    // Whoever comes second finds warmer caches, so they take turns.
    const first = i % 2 === 0 ? await run.floor() : undefined;
    const subject = await run.subject();
    pairs.push({ subject, floor: first ?? (await run.floor()) });
  }
  return pairsOf(pairs);
}

/**
 * Runs several things in turn, for differences of a millisecond: times of two runs that waited for a core
 * differ by more than that, and a machine that others share changes its pace within seconds.
 *
 * @param rounds of all of them
 * @param runs each gives the processor time that it took, in nanoseconds
 * @returns of the base, the median; of each other, the median of what it took more than the base of its round
 */
export function inTurn<Name extends string>(
  rounds: number,
  runs: Readonly<Record<"base" | Name, () => number>>,
): Record<"base" | Name, number> {
  const names = Object.keys(runs) as ("base" | Name)[];
  const times = new Map(names.map((name) => [name, new Array<number>()]));
  for (let round = 0; round < rounds; round++) {
    // Whoever comes later finds warmer caches, so each is first in its turn.
    const first = round % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      times.get(name)?.push(runs[name]());
    }
  }
  const base = times.get("base") ?? [];
  const extra = (taken: readonly number[]): number =>
    median(taken.map((time, round) => time - (base[round] ?? Number.NaN)));
  const results = Array.from(times, ([name, taken]) => [
    name,
    name === "base" ? median(base) : extra(taken),
  ]);
  return Object.fromEntries(results) as Record<"base" | Name, number>;
}

/** What was measured together, in nanoseconds. */
export interface Pair {
  readonly subject: number;
  readonly floor: number;
}

export function pairsOf(pairs: readonly Pair[]): Comparison {
  const subjects = pairs.map(({ subject }) => subject);
  const floors = pairs.map(({ floor }) => floor);
  const ratios = pairs.map(({ subject, floor }) => subject / floor);
  return {
    subject: median(subjects),
    floor: median(floors),
    low: { subject: quantile(subjects, 0.25), floor: quantile(floors, 0.25) },
    ratio: median(ratios),
    subjectSpread: quartiles(subjects),
    spread: quartiles(ratios),
  };
}

/**
 * One comparison out of several processes' own, for what takes a few nanoseconds: there it depends
 * on where each process's compiler happens to put the two loops. Times then gather around two or
 * three values, between which a median jumps; so these are the means of the processes' medians, and
 * their ratio.
 */
export function merge(results: readonly Comparison[]): Comparison {
  const subjects = results.map((result) => result.subject);
  const subject = mean(subjects);
  const floor = mean(results.map((result) => result.floor));
  return {
    subject,
    subjectSpread: quartiles(subjects),
    floor,
    low: {
      subject: mean(results.map(({ low }) => low.subject)),
      floor: mean(results.map(({ low }) => low.floor)),
    },
    ratio: subject / floor,
    spread: quartiles(results.map((result) => result.ratio)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The time that a function takes, in nanoseconds. */
export function timed(run: () => void): number {
  const start = Bun.nanoseconds();
  run();
  return Bun.nanoseconds() - start;
}

export function formatTime(nanoseconds: number): string {
  if (nanoseconds < 1e3) return `${nanoseconds.toPrecision(3)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toPrecision(3)} µs`;
  if (nanoseconds < 1e9) return `${(nanoseconds / 1e6).toPrecision(3)} ms`;
  return `${(nanoseconds / 1e9).toPrecision(3)} s`;
}

export function verdict(holds: boolean): string {
  return holds ? "holds" : "DOES NOT HOLD";
}

/** A measurement of something that did not happen would be worth nothing. */
export function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(`bench: ${message}`);
}
