/** Aborts when this process is asked to stop, by SIGINT or SIGTERM. A second signal ends it at once. */
export function askedToStop(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
