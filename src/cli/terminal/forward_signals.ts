/** Signals that come to this process while another one runs in its place. */

/** Who gets them. */
type Taker = (signal: NodeJS.Signals) => void;

export interface ForwardedSignals {
  /** Hands them on from here: those that came before, too. */
  readonly to: (take: Taker) => void;
  readonly stop: () => void;
}

/** Keeps signals from ending this process, from before the other one is started until `stop`. */
export function forwardSignals(signals: readonly NodeJS.Signals[]): ForwardedSignals {
  const early: NodeJS.Signals[] = [];
  let taker: Taker = (signal) => void early.push(signal);
  const listener: Taker = (signal) => taker(signal);
  for (const signal of signals) process.on(signal, listener);
  return {
    to(take) {
      taker = take;
      early.splice(0).forEach(take);
    },
    stop() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
