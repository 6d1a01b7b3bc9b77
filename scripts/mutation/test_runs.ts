/** Runs of single test files in a copy of the tree, and what is known of each by now. */

/** Most tests start processes, and a machine may be busy: Bun's five seconds would judge its load. */
const TEST_TIMEOUT_MS = 60_000;
const RUN_MS_MAX = 300_000;
/** What ends an endless loop, before it is known how long the file takes. */
const FIRST_RUN_MS_MAX = 60_000;
/** A file that takes so many times as long as it did hangs. */
const SLOWER_MAX = 6;
const SHORT_RUN_MS = 20_000;

interface Run {
  readonly isGreen: boolean;
  readonly isCut: boolean;
}

export class TestRuns {
  /** Test files that are red in the tree as it is: they say nothing. */
  readonly red = new Set<string>();
  readonly #cwd: string;
  /** Milliseconds of the quickest green run. */
  readonly #ms = new Map<string, number>();

  /** @param cwd the copy's root */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /** @returns milliseconds of a green run, or undefined before there was one */
  ms(test: string): number | undefined {
    return this.#ms.get(test);
  }

  /**
   * Whether a test file is red with a change, twice or by an endless loop, and green without it.
   *
   * @param change makes it
   * @param restore takes it back; the tree is without it in the end
   */
  notices(test: string, change: () => void, restore: () => void): boolean {
    if (this.red.has(test)) return false;
    const changed = (limit: number): Run => {
      change();
      const run = this.#run(test, limit);
      restore();
      return run;
    };
    const first = changed(this.#limit(test));
    if (first.isGreen) return false;
    // A busy machine makes a file red, or slow, now and then.
    if ((first.isCut || !this.#ms.has(test)) && !this.#isGreenNow(test)) {
      this.red.add(test);
      return false;
    }
    return !changed(this.#limit(test)).isGreen;
  }

  /** In one of two runs without a change; how long it takes now is known then. */
  #isGreenNow(test: string): boolean {
    this.#ms.delete(test);
    return this.#run(test, RUN_MS_MAX).isGreen || this.#run(test, RUN_MS_MAX).isGreen;
  }

  #limit(test: string): number {
    const known = this.#ms.get(test);
    if (known === undefined) return FIRST_RUN_MS_MAX;
    return Math.min(RUN_MS_MAX, Math.max(SHORT_RUN_MS, known * SLOWER_MAX));
  }

  #run(test: string, timeout: number): Run {
    const before = performance.now();
    const run = Bun.spawnSync(
      [process.execPath, "test", "--bail", `--timeout=${TEST_TIMEOUT_MS}`, test],
      { cwd: this.#cwd, stdio: ["ignore", "ignore", "ignore"], timeout },
    );
    const ms = Math.ceil(performance.now() - before);
    const isGreen = run.exitCode === 0;
    if (isGreen) this.#ms.set(test, Math.min(ms, this.#ms.get(test) ?? ms));
    return { isGreen, isCut: run.exitedDueToTimeout === true };
  }
}
