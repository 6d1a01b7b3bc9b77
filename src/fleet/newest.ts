/** Hands on what comes, the newest of each kind alone: a reader that is slow misses what has been replaced. */

export class Newest<Kind, Item> {
  readonly #waiting = new Map<Kind, Item>();
  #wake: (() => void) | undefined;
  #end: { readonly error: Error | undefined } | undefined;

  put(kind: Kind, item: Item): void {
    // What has waited longest is next, also where it is replaced all the time.
    this.#waiting.set(kind, item);
    this.#wake?.();
  }

  /** Ends the reading at once; with an error, where there is one. */
  end(error?: Error): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /**
   * Runs until the end.
   *
   * @param take gets one after the other, and is waited for
   * @throws the error of the end, and what `take` throws
   */
  async each(take: (kind: Kind, item: Item) => Promise<void>): Promise<void> {
    while (true) {
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return;
      const [next] = this.#waiting;
      if (next === undefined) {
        await new Promise<void>((wake) => (this.#wake = wake));
      } else {
        this.#waiting.delete(next[0]);
        await take(...next);
      }
    }
  }
}
