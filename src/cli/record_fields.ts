/** The fields of a record by the names that `get` knows. */

import type { Config } from "../runtime/snapshot.ts";

/** What a field holds, for JSON. */
export type FieldValue =
  string | number | boolean | null | { readonly [member: string]: string | number | boolean };

export const FIELDS = [
  "record",
  "version",
  "registry",
  "registry.hash",
  "features",
  "terminal",
  "terminal.mode",
  "terminal.rows",
  "terminal.cols",
  "generation",
  "frozen",
] as const;

/** @returns undefined when there is no such field or flag */
export function readField(field: string, config: Config, frozen: boolean): FieldValue | undefined {
  if (field.startsWith("features.")) {
    const features: Readonly<Record<string, boolean>> = config.features;
    const name = field.slice("features.".length);
    return Object.hasOwn(features, name) ? features[name] : undefined;
  }
  switch (field as (typeof FIELDS)[number]) {
    case "record":
      return config.record;
    case "version":
      return config.version;
    case "registry":
      return config.registry.url ?? config.registry.hash;
    case "registry.hash":
      return config.registry.hash;
    case "features":
      return { ...config.features };
    case "terminal":
      return { ...config.terminal };
    case "terminal.mode":
      return config.terminal.mode;
    case "terminal.rows":
      return config.terminal.rows;
    case "terminal.cols":
      return config.terminal.cols;
    case "generation":
      return config.generation;
    case "frozen":
      return frozen;
    default:
      return undefined;
  }
}

/** `get features` and `get terminal` print a member a line; all other fields are one value. */
export function fieldText(value: FieldValue): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, member]) => `${name} ${JSON.stringify(member)}`)
    .join("\n");
}
