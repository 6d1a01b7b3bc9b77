/** What `bun run bench` prints: a bound a row, beside what was measured and its floor. */

import { type Comparison, formatTime, verdict } from "./measure.ts";

/** How much is measured: once and small under test, where times say nothing. */
export interface BenchOptions {
  readonly quick: boolean;
}

export interface Bound {
  /** What is measured, and beside what. */
  readonly name: string;
  readonly subjectNs: number;
  /** Of the same run: what the machine, or Bun alone, takes for it. */
  readonly floorNs: number;
  /** What is held against `max`: a ratio, milliseconds over the floor, or what the unit says. */
  readonly value: number;
  readonly max: number;
  readonly unit: "times" | "ms more" | "µs" | "ns" | "ms" | "MB";
}

/** The median of the ratios, pair by pair. */
export function ratioBound(name: string, result: Comparison, max: number): Bound {
  const { subject, floor, ratio } = result;
  return { name, subjectNs: subject, floorNs: floor, value: ratio, max, unit: "times" };
}

/** @param max milliseconds that the subject may take more than its floor */
export function extraBound(
  name: string,
  { low: { subject, floor } }: Pick<Comparison, "low">,
  max: number,
): Bound {
  const value = (subject - floor) / 1e6;
  return { name, subjectNs: subject, floorNs: floor, value, max, unit: "ms more" };
}

/** The median of the subject itself. */
export function nanosecondBound(name: string, result: Comparison, max: number): Bound {
  const { subject, floor } = result;
  return { name, subjectNs: subject, floorNs: floor, value: subject, max, unit: "ns" };
}

/** Memory, beside what the process had before. */
export function memoryBound(name: string, bytes: number, before: number, max: number): Bound {
  return { name, subjectNs: bytes, floorNs: before, value: bytes / 1e6, max, unit: "MB" };
}

export function holds({ value, max }: Bound): boolean {
  return value <= max;
}

/** One line of a terminal. A quick run's times are not judged. */
export function formatBound(bound: Bound, { quick }: BenchOptions): string {
  const { name, max, unit } = bound;
  const judged = quick ? "not judged" : verdict(holds(bound));
  return `${name.padEnd(58)}  ${measured(bound)}, at most ${max} ${unit}: ${judged}`;
}

/** The table of docs/performance.md. */
export function formatTable(bounds: readonly Bound[]): string {
  const rows = bounds.map((bound) => {
    const { name, max, unit } = bound;
    return `| ${name} | ${max} ${unit} | ${measured(bound)} | ${holds(bound) ? "yes" : "no"} |`;
  });
  const head = ["| subject / floor | at most | measured | holds |", "| --- | --- | --- | --- |"];
  return [...head, ...rows].join("\n");
}

function measured({ subjectNs, floorNs, value, unit }: Bound): string {
  const figure = value.toFixed(unit === "times" ? 2 : 1);
  const format = unit === "MB" ? megabytes : formatTime;
  return `${figure} ${unit} (${format(subjectNs)} / ${format(floorNs)})`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
