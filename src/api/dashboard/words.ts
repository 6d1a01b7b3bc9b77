/** What happened, and what is to happen, in words. Pure. */

import { feature } from "bun:bundle";
import { orderText } from "../../base/order_words.ts";
import { shareText } from "../../base/shares.ts";
import { isValuesOrder, valuesText } from "../../base/values_words.ts";
import type { Action, HistoryRow } from "./client.ts";

/** With its zone: who reads it may tell it to somebody who is elsewhere. */
const DATE = new Intl.DateTimeFormat("en", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});
/** Without the season: a time that is written here may lie in another one. */
const ZONE = new Intl.DateTimeFormat("en", { timeZoneName: "longGeneric" });

/** Of the times that people read and write here, such as `Central European Time`. */
export function zoneText(): string {
  const parts = ZONE.formatToParts();
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

export function dateText(time: number): string {
  return DATE.format(time);
}

/** What an action does, as an order: `switch DEBUG on until …`. */
export function actionText(action: Action): string {
  if (isValuesOrder(action)) return feature("PREMIUM_TYPES") ? valuesText(action) : action.kind;
  return orderText(action, dateText);
}

/** One row of the history as a sentence. */
export function sentence({ by, change }: HistoryRow): string {
  const { reason } = change;
  const because = reason === undefined ? "" : `: ${reason}`;
  if (feature("PREMIUM_TYPES") && change.kind.startsWith("variants.")) {
    const did = change.kind === "variants.set" ? "changed the values of" : "took the values of";
    const end = change.kind === "variants.set" ? "" : " away";
    return `${by} ${did} ${change.flag}${end}${because}`;
  }
  switch (change.kind) {
    case "environment.created":
      return `${by} created the environment`;
    case "record.pushed":
      return `${by} pushed generation ${change.generation} of the record`;
    case "ledger.built":
      return `${by} pushed a bundle, and what each flag adds to it was measured`;
    case "override.set": {
      const end = change.until === null ? "" : ` until ${dateText(change.until ?? 0)}`;
      return `${by} switched ${change.flag} ${change.enabled === true ? "on" : "off"}${end}${because}`;
    }
    case "rollout.started": {
      const first = shareText(change.shares?.[0] ?? 0);
      return `${by} switched ${change.flag} ${change.enabled === true ? "on" : "off"} for ${first} of the hosts, the others in waves${because}`;
    }
    case "rollout.advanced":
      return `The rollout of ${change.flag} reached ${shareText(change.share ?? 0)} of the hosts`;
    case "rollout.halted":
      return `${by === "server" ? "The server" : by} halted the rollout of ${change.flag}${because}`;
    case "rollout.resumed":
      return `${by} let the rollout of ${change.flag} go on${because}`;
    case "override.cleared":
      return `${by} gave ${change.flag} back to the record${because}`;
    case "override.ended":
      return `The switch of ${change.flag} ended, and the record holds again`;
    default:
      return `${governed(by, change)}${because}`;
  }
}

function governed(by: string, change: HistoryRow["change"]): string {
  const { action, at } = change;
  const what = action === undefined ? "" : actionText(action);
  const when = typeof at === "number" ? `, at ${dateText(at)}` : "";
  switch (change.kind) {
    case "rule.set":
      return change.twoPersons === true
        ? `${by} required two persons for a change from now on`
        : `${by} lifted the two-person rule`;
    case "environment.frozen":
      return `${by} froze the environment`;
    case "environment.thawed":
      return `${by} thawed the environment`;
    case "schedule.created":
      return `${by} planned to ${what}${when}`;
    case "schedule.cancelled":
      return `${by} took plan ${change.schedule} back`;
    case "schedule.done":
      return typeof change.problem === "string"
        ? `Plan ${change.schedule} could not be done: ${change.problem}`
        : `Plan ${change.schedule} was done`;
    case "request.opened":
      return `${by} asked to ${what}${when}`;
    case "request.approved":
      return `${by} approved request ${change.request}`;
    case "request.rejected":
      return `${by} rejected request ${change.request}`;
    default:
      return `${by}: ${change.kind}`;
  }
}
