/** What is used of an `AbortSignal`: projects without the types of a browser, Bun or Node have no such name. */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
