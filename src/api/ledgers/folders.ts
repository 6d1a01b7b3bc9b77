/** What lies where in the folder in which pushed sources are built. */

import { join } from "node:path";
import { readText } from "../../base/read_file.ts";
import {
  type PushedSources,
  SOURCES_SIZE_MAX,
} from "../../bundle/analysis/ledger/pushed_sources.ts";

/** What was pushed, as it came. */
export function pushedFile(folder: string): string {
  return join(folder, "pushed.json");
}

/** The root of the sources. */
export function sourcesFolder(folder: string): string {
  return join(folder, "jail", "node_modules", "pushed");
}

export function planFile(folder: string): string {
  return join(folder, "plan.json");
}

/** In place of every tsconfig.json. */
export function configFile(folder: string): string {
  return join(folder, "jail", "tsconfig.json");
}

export function emptyFolder(folder: string): string {
  return join(folder, "empty");
}

/** What was pushed but for the files: how they are built. */
export type Plan = Omit<PushedSources, "files" | "kind" | "compilerOptions">;

export function readPlan(folder: string): Plan {
  return JSON.parse(readText(planFile(folder), SOURCES_SIZE_MAX)) as Plan;
}
