/**
 * How the signed sets of an environment come to whoever follows it. What is handed over is whole sets, never
 * differences: who missed some needs the newest alone. Nothing of it is to be believed unread.
 */

/** Gets a set as it came: `readOverrideSet` says whether to believe it. The next comes when it is done with this one. */
export type TakeSet = (text: string) => Promise<void>;

/** How far a host is, in its own words. */
export interface HostStatus {
  readonly host: string;
  /** Of immuconfig; null where an older agent did not say. */
  readonly version: string | null;
  /** Of the record that the host runs; null where it cannot be read. */
  readonly generation: number | null;
  /** Of the set that the host obeys; null before the first. */
  readonly sequence: number | null;
  /** Milliseconds since that set took the place of another; null where the agent began with it. */
  readonly heldMs: number | null;
  /** Flags of the set that the host's record does not know, or does not let be switched. */
  readonly refused: readonly string[];
  /** Why the newest set is not obeyed, in words. */
  readonly problem: string | null;
}

/** Of one environment. All of it throws ImmuconfigError `ERR_NETWORK` where nobody answers. */
export interface Transport {
  /** What it talks to, for messages. */
  readonly name: string;
  /**
   * The newest set of overrides.
   *
   * @throws ImmuconfigError `ERR_NOT_FOUND` where there is none
   */
  overrides(): Promise<string>;
  /**
   * Hands over the present set, and then each that takes its place: the newest, and not all, to who takes them
   * slowly. The same one may come again.
   *
   * @param signal ends it; so does the loss of the other end, which may also throw
   * @param take gets one after the other; what it throws ends it, too
   */
  follow(signal: AbortSignal, take: TakeSet): Promise<void>;
  /** Tells the control plane how far a host is. */
  report(status: HostStatus): Promise<void>;
}
