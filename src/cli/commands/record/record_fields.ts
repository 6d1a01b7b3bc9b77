/** The fields of a record by the names that `get` knows. */

import type { Config } from "../../../runtime/config.ts";

/** What a field holds, for JSON. */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  | { readonly [member: string]: string | number | boolean | null };

export const FIELDS = [
  "record",
  "version",
  "registry",
  "registry.url",
  "registry.hash",
  "features",
  "terminal",
  "terminal.mode",
  "terminal.rows",
  "terminal.cols",
  "generation",
  "frozen",
] as const;

/** What no record holds, but the file around it. */
export const FILE_FIELDS = ["bun.minimum", "upgrade.unsigned"] as const;

/** @returns undefined when there is no such field or flag */
export function readField(field: string, config: Config, frozen: boolean): FieldValue | undefined {
  if (field === "frozen") return frozen;
  const dot = field.indexOf(".");
  const value = memberOf(config, dot === -1 ? field : field.slice(0, dot));
  return (dot === -1 ? value : memberOf(value, field.slice(dot + 1))) as FieldValue | undefined;
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}

/** An object is printed a member a line, and a list a text a line. */
export function fieldText(value: FieldValue): string {
  return typeof value === "object" && value !== null ? membersText(value) : String(value);
}

function membersText(value: object): string {
  if (Array.isArray(value)) return value.join("\n");
  return Object.entries(value)
    .map(([name, member]) => `${name} ${JSON.stringify(member)}`)
    .join("\n");
}
