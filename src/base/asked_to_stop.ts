const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Aborts when this process is asked to stop, by SIGINT or SIGTERM. A second signal ends it at once. */
export function askedToStop(): AbortSignal {
  const stop = new AbortController();
  const heard = (): void => {
    for (const signal of SIGNALS) process.off(signal, heard);
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  return stop.signal;
}
