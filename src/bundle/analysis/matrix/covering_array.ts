/** Few combinations of flags in which every pair takes all four values. Pure. */

/** One combination: the state of each flag, by index. */
export type Combination = readonly boolean[];

/**
 * The smallest set of combinations in which any two flags are seen off-off, off-on, on-off and
 * on-on: 4 for 2 flags, 6 for 10, 8 for 16 to 35.
 *
 * @param origin the first combination, whose length is the number of flags
 * @see D. J. Kleitman, J. Spencer, "Families of k-independent sets", Discrete Mathematics 6, 1973
 */
export function coveringArray(origin: Combination): Combination[] {
  const flags = origin.length;
  if (flags === 0) return [origin];
  if (flags === 1) return [origin, origin.map((state) => !state)];
  let rows = 4;
  while (binomial(rows - 1, Math.ceil(rows / 2)) < flags) rows++;
  // Any two of these subsets meet, and neither holds the other: with the first row, where none is
  // chosen, each pair takes all four values.
  const chosen = subsets(rows - 1, Math.ceil(rows / 2), flags);
  return Array.from({ length: rows }, (_, row) =>
    origin.map((state, flag) => (chosen[flag]?.has(row - 1) === true ? !state : state)),
  );
}

/** What may be to blame: states of one flag or two, by index, that all failing combinations share and no passing one has. */
type Suspect = ReadonlyMap<number, boolean>;

/**
 * The single states that explain the failures, or else the pairs that do.
 *
 * @param failed whether each combination failed
 */
export function findSuspects(
  combinations: readonly Combination[],
  failed: readonly boolean[],
): Suspect[] {
  const count = combinations[0]?.length ?? 0;
  const states: [number, boolean][] = [];
  for (let flag = 0; flag < count; flag++) states.push([flag, false], [flag, true]);
  const explains = (wanted: readonly [number, boolean][]): boolean =>
    combinations.every(
      (row, index) => wanted.every(([flag, state]) => row[flag] === state) === failed[index],
    );
  const single = states.filter((state) => explains([state])).map((state) => [state]);
  const found =
    single.length > 0
      ? single
      : states.flatMap((a, index) =>
          states
            .slice(index + 1)
            .filter((b) => b[0] !== a[0] && explains([a, b]))
            .map((b) => [a, b]),
        );
  return found.map((list) => new Map(list));
}

/** The first `count` subsets of 0..n-1 with k members. */
function subsets(n: number, k: number, count: number): Set<number>[] {
  const found: Set<number>[] = [];
  const extend = (chosen: readonly number[], from: number): void => {
    if (found.length === count) return;
    if (chosen.length === k) found.push(new Set(chosen));
    else for (let next = from; next < n; next++) extend([...chosen, next], next + 1);
  };
  extend([], 0);
  return found;
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return Math.round(result);
}
