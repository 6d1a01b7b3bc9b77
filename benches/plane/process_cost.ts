/** What a process costs, as Linux counts it. */

import { readdirSync, readFileSync } from "node:fs";

/** Processor time of all its threads, in nanoseconds. */
export function cpuNs(pid: number): number {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).reduce((sum, thread) => {
    const [ran = "0"] = readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ");
    return sum + Number(ran);
  }, 0);
}

/** Resident memory, in bytes. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
