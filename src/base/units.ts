/** Numbers and days for people. */

/** A duration in the unit that keeps it short. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds < 1_000) return `${Math.round(nanoseconds)} ns`;
  if (nanoseconds < 1_000_000) return `${Math.round(nanoseconds / 1_000)} µs`;
  if (nanoseconds < 1_000_000_000) return `${(nanoseconds / 1_000_000).toFixed(1)} ms`;
  return `${(nanoseconds / 1_000_000_000).toFixed(1)} s`;
}

/** A size in the unit that keeps it short; 1 kB is 1000 bytes. */
export function formatBytes(bytes: number): string {
  const size = Math.abs(bytes);
  if (size < 1_000) return `${bytes} B`;
  if (size < 1_000_000) return `${(bytes / 1_000).toFixed(2)} kB`;
  return `${(bytes / 1_000_000).toFixed(2)} MB`;
}

const DAY_MS = 86_400_000;
let lastDay = { number: Number.NaN, text: "" };

/** `YYYY-MM-DD`, UTC. */
export function dayOf(date: Date): string {
  const number = Math.floor(date.getTime() / DAY_MS);
  // Asked at every check of a signature, and the same all day.
  if (lastDay.number !== number) lastDay = { number, text: date.toISOString().slice(0, 10) };
  return lastDay.text;
}

/** `1 module`, `2 modules`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** @param startMs of `performance.now` */
export function nanosecondsSince(startMs: number): number {
  return Math.round((performance.now() - startMs) * 1e6);
}
