/** What happened, in words. Pure. */

import { feature } from "bun:bundle";
import type { HistoryRow } from "./client.ts";

const DATE = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export function dateText(time: number): string {
  return DATE.format(time);
}

/** One row of the history as a sentence. */
export function sentence({ by, change }: HistoryRow): string {
  if (feature("PREMIUM_TYPES") && change.kind.startsWith("variants.")) {
    const did = change.kind === "variants.set" ? "changed the values of" : "took the values of";
    const end = change.kind === "variants.set" ? "" : " away";
    return `${by} ${did} ${String(change["flag"])}${end}: ${String(change["reason"])}`;
  }
  switch (change.kind) {
    case "environment.created":
      return `${by} created the environment`;
    case "record.pushed":
      return `${by} pushed generation ${String(change["generation"])} of the record`;
    case "override.set": {
      const state = change["enabled"] === true ? "on" : "off";
      const { until } = change as { until?: unknown };
      const end = typeof until === "number" ? ` until ${dateText(until)}` : "";
      return `${by} switched ${String(change["flag"])} ${state}${end}: ${String(change["reason"])}`;
    }
    case "override.cleared":
      return `${by} gave ${String(change["flag"])} back to the record: ${String(change["reason"])}`;
    default:
      return `${by}: ${change.kind}`;
  }
}
