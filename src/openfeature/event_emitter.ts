/** The little of an event emitter that the OpenFeature SDKs ask of a provider. */

type Handler = (details?: any) => unknown; // oxlint-disable-line typescript/no-explicit-any -- the SDKs' own shapes

export class EventEmitter {
  readonly #handlers = new Map<string, Handler[]>();

  emit(type: string, details: object = {}): void {
    for (const handler of this.getHandlers(type)) handler(details);
  }

  addHandler(type: string, handler: Handler): void {
    this.#handlers.set(type, [...this.getHandlers(type), handler]);
  }

  removeHandler(type: string, handler: Handler): void {
    this.#handlers.set(
      type,
      this.getHandlers(type).filter((one) => one !== handler),
    );
  }

  removeAllHandlers(type?: string): void {
    if (type === undefined) this.#handlers.clear();
    else this.#handlers.delete(type);
  }

  getHandlers(type: string): Handler[] {
    return this.#handlers.get(type) ?? [];
  }

  /** There is nothing to log. */
  setLogger(): this {
    return this;
  }
}
