/** Long enough for a machine that does much else. */
const UNTIL_MS_MAX = 60_000;
const LOOK_MS = 5;

/** Waits for a state itself: looks until it is there. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + UNTIL_MS_MAX;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("it did not happen");
    await Bun.sleep(LOOK_MS);
  }
}
