/** The words in which an upgrade tells what it does. */

import type { UpgradeEvent } from "../../../upgrade/events.ts";
import type { Installation } from "../../../upgrade/installation.ts";
import type { Plan } from "../../../upgrade/plan.ts";
import { dayOf } from "../../../base/units.ts";
import type { Output } from "../../output/output.ts";
import type { Setup } from "./setup.ts";

const LABEL_WIDTH = 12;
const MEGABYTE = 1_000_000;

/** One line: a word for the step, and what came of it. */
export function line(out: Output, label: string, text: string): void {
  out.note(`  ${out.style("dim", label.padEnd(LABEL_WIDTH))}${text}`);
}

/** Who installed a program, in words. */
export function origin(installation: Installation): string {
  switch (installation.kind) {
    case "project":
      return `a dependency of ${installation.folder}`;
    case "global":
      return `installed globally with ${installation.manager}`;
    case "system":
      return `system package ${installation.packageName}`;
    case "installScript":
      return "from Bun's install script";
    case "binary":
      return "a single program";
    case "new":
      return "not there yet";
    default:
      return "run from its source";
  }
}

/** Tells the steps of an upgrade as they happen. */
export function eventTeller(out: Output): (event: UpgradeEvent) => void {
  let shown = -1;
  return (event) => {
    if (event.kind === "progress") {
      const { received, total } = event;
      const percent = total === undefined ? undefined : Math.floor((100 * received) / total);
      const step = percent ?? Math.floor(received / MEGABYTE);
      if (step === shown) return;
      shown = step;
      const much = percent === undefined ? megabytes(received) : `${percent} %`;
      out.progress(`  ${"download".padEnd(LABEL_WIDTH)}${much}`);
      return;
    }
    out.progress("");
    const [label, text] = describe(event);
    line(out, label, text);
  };
}

function describe(event: Exclude<UpgradeEvent, { kind: "progress" }>): [string, string] {
  switch (event.kind) {
    case "waiting":
      return ["waiting", `for another upgrade in ${event.folder}`];
    case "planned":
      return ["version", change(event.plan.from, event.plan.to)];
    case "downloaded": {
      const { size, resumedFrom } = event;
      const kept = resumedFrom === 0 ? "" : `, ${megabytes(resumedFrom)} of them from before`;
      return ["download", `${megabytes(size)}${kept}, sha512 as promised`];
    }
    case "signed":
      return ["signature", `by ${event.keyId}, valid on ${dayOf(event.checkedFor)}`];
    case "unsigned":
      return ["signature", `none; ${event.registry} is accepted without`];
    case "provenance":
      return ["provenance", `built by ${event.signer}`];
    case "noProvenance":
      return ["provenance", "none published"];
    case "unpacked":
      return ["unpacked", `${event.member}, ${megabytes(event.size)}, and nothing else`];
    case "ran":
      return ["ran", `it reports ${event.output}`];
    case "replaced": {
      const { target, previous } = event;
      return [
        "replaced",
        previous === undefined ? target : `${target}, the old one is ${previous}`,
      ];
    }
    default:
      return ["ran again", `in its place it reports ${event.output}`];
  }
}

/** Who signed a release, in words. */
export function signedBy(keyId: string | undefined): string {
  return keyId === undefined ? "none; accepted without" : `by ${keyId}`;
}

/** What every answer about an upgrade says for `--json`. */
export function planJson({ product, installation }: Setup, { change: kind, from, to }: Plan) {
  return {
    product: product.id,
    path: installation.path,
    kind: installation.kind,
    change: kind,
    from: from ?? null,
    to,
  };
}

/** `1.4.4 -> 1.4.5`. */
export function change(from: string | undefined, to: string): string {
  if (from === undefined) return to;
  return from === to ? `${to}, installed already` : `${from} -> ${to}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

/** For plans, which have no steps to tell. */
export function ignoreEvents(): void {}
