/** Hands on what comes, the newest of each kind alone: a reader that is slow misses what has been replaced. */

export class Newest<Kind, Item> {
  readonly #take: (kind: Kind, item: Item) => Promise<void>;
  readonly #waiting = new Map<Kind, Item>();
  readonly #ended = Promise.withResolvers<void>();
  #isTaking = false;
  #end: { readonly error: unknown } | undefined;

  /** @param take gets one after the other, and is waited for; what it throws is the end */
  constructor(take: (kind: Kind, item: Item) => Promise<void>) {
    this.#take = take;
  }

  /**
   * When it has ended, and what was being taken then has been.
   *
   * @throws the error of the end, and what `take` throws
   */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  put(kind: Kind, item: Item): void {
    // What has waited longest is next, also where it is replaced all the time.
    if (this.#isTaking) this.#waiting.set(kind, item);
    else this.#hand(kind, item);
  }

  /** Takes no more; with an error, where there is one. */
  end(error?: Error): void {
    this.#end ??= { error };
    if (!this.#isTaking) this.#settle(this.#end);
  }

  #hand(kind: Kind, item: Item): void {
    if (this.#end !== undefined) return;
    this.#isTaking = true;
    this.#take(kind, item).then(this.#next, this.#fail);
  }

  readonly #next = (): void => {
    this.#isTaking = false;
    if (this.#end !== undefined) {
      this.#settle(this.#end);
      return;
    }
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next[0]);
    this.#hand(...next);
  };

  readonly #fail = (error: unknown): void => {
    this.#end = { error };
    this.#settle(this.#end);
  };

  #settle({ error }: { readonly error: unknown }): void {
    if (error === undefined) this.#ended.resolve();
    else this.#ended.reject(error);
  }
}
