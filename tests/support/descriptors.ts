import { readdirSync } from "node:fs";

/** How many files this process has open. Linux only. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
