/** Work on several things at once, with a bound. */

/** @returns the results in the order of the items; the first failure rejects */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  parallelMax: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallelMax, items.length) }, worker));
  return results;
}
