/** Hands on what comes, the newest alone: a reader that is slow misses what has been replaced. */

export class Newest<Item> {
  readonly #take: (item: Item) => Promise<void>;
  readonly #ended = Promise.withResolvers<void>();
  /** What comes next, when what is being taken has been. */
  #waiting: { readonly item: Item } | undefined;
  #isTaking = false;
  #end: { readonly error: unknown } | undefined;

  /** @param take gets one after the other, and is waited for; what it throws is the end */
  constructor(take: (item: Item) => Promise<void>) {
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

  put(item: Item): void {
    if (this.#isTaking) this.#waiting = { item };
    else this.#hand(item);
  }

  /** Takes no more; with an error, where there is one. */
  end(error?: Error): void {
    this.#end ??= { error };
    if (!this.#isTaking) this.#settle(this.#end);
  }

  #hand(item: Item): void {
    if (this.#end !== undefined) return;
    this.#isTaking = true;
    this.#take(item).then(this.#next, this.#fail);
  }

  readonly #next = (): void => {
    this.#isTaking = false;
    if (this.#end !== undefined) {
      this.#settle(this.#end);
      return;
    }
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next !== undefined) this.#hand(next.item);
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
