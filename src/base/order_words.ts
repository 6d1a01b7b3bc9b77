/** What can be asked of a control plane, in words, for its page and for the command line. Pure. */

import { shareText, type WavePlan } from "./shares.ts";

/** A change of a switch, or of the rule for it, that is asked for. */
export type SwitchOrder =
  | {
      readonly kind: "switch";
      readonly flag: string;
      readonly enabled: boolean;
      /** When it ends, in milliseconds since 1970; null until it is given back. */
      readonly until: number | null;
    }
  /** The same, in waves over the hosts. */
  | (WavePlan & {
      readonly kind: "roll_out";
      readonly flag: string;
      readonly enabled: boolean;
      readonly until: number | null;
    })
  /** A rollout that was halted goes on. */
  | { readonly kind: "resume"; readonly flag: string }
  /** To the record: its override goes. */
  | { readonly kind: "give_back"; readonly flag: string }
  /** The environment no longer asks for a second person. */
  | { readonly kind: "end_two_persons" };

/**
 * An order as people read it: `switch DEBUG on until …`.
 *
 * @param dateText of milliseconds since 1970
 */
export function orderText(order: SwitchOrder, dateText: (time: number) => string): string {
  switch (order.kind) {
    case "switch": {
      const end = order.until === null ? "" : ` until ${dateText(order.until)}`;
      return `switch ${order.flag} ${order.enabled ? "on" : "off"}${end}`;
    }
    case "roll_out": {
      const end = order.until === null ? "" : ` until ${dateText(order.until)}`;
      const waves = order.shares.map(shareText).join(", ");
      return `switch ${order.flag} ${order.enabled ? "on" : "off"}${end}, for ${waves} of the hosts`;
    }
    case "resume":
      return `let the rollout of ${order.flag} go on`;
    case "give_back":
      return `give ${order.flag} back to the record`;
    default:
      return "lift the two-person rule";
  }
}
