/** A map of so many entries at most: the one put in least lately goes for a new one. */

/**
 * A Map is asked for its first key over all the places of those that were deleted, which is a walk past
 * thousands of them at every step. One iterator that stays goes past each once: before it lies nothing but what
 * has gone.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #countMax: number;
  readonly #oldest = this.#entries.keys();

  /** @param countMax entries, at least 1 */
  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  /** As the newest, also where the key was there before. */
  put(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#countMax) this.dropOldest();
  }

  delete(key: Key): void {
    this.#entries.delete(key);
  }

  /** From the oldest to the newest. */
  values(): MapIterator<Value> {
    return this.#entries.values();
  }

  /** Makes room; there is something in it. */
  dropOldest(): void {
    const { value, done } = this.#oldest.next();
    if (done !== true) this.#entries.delete(value);
  }
}
