import type { Plan } from "./plan.ts";

/** What an upgrade says while it is at work, in the order in which it happens. */
export type UpgradeEvent =
  /** Another upgrade in that folder is at work. */
  | { kind: "waiting"; folder: string }
  | { kind: "planned"; plan: Plan }
  /** Bytes so far, and of the whole where the server says so. */
  | { kind: "progress"; received: number; total: number | undefined }
  /** Bytes of the whole, and of those that an earlier download had left. */
  | { kind: "downloaded"; size: number; resumedFrom: number }
  | { kind: "signed"; keyId: string; checkedFor: Date }
  /** This registry is accepted without signatures. */
  | { kind: "unsigned"; registry: string }
  | { kind: "provenance"; signer: string }
  /** The registry has no statement of provenance. */
  | { kind: "noProvenance" }
  /** Bytes of the program. */
  | { kind: "unpacked"; member: string; size: number }
  /** What the new program says about itself, before it takes the old one's place. */
  | { kind: "ran"; output: string }
  | { kind: "replaced"; target: string; previous: string | undefined }
  /** The new program was run in its place. */
  | { kind: "confirmed"; output: string };

export type EventSink = (event: UpgradeEvent) => void;
