/** `bun-config upgrade` and `bun-config rollback`. */

import { ImmuconfigError } from "../base/errors.ts";
import { downgradeLogPath } from "../upgrade/downgrade_log.ts";
import { inspectUpgrade, installedVersion, upgradeProgram } from "../upgrade/engine.ts";
import type { UpgradeEvent } from "../upgrade/events.ts";
import { managerCommand, refuseForeign } from "../upgrade/package_manager.ts";
import { policyOf } from "../upgrade/policy.ts";
import { programFiles } from "../upgrade/swap.ts";
import { rollbackProgram } from "../upgrade/rollback.ts";
import { type OptionSpec, usageError } from "./args/arguments.ts";
import type { Command, Context } from "./command.ts";
import { EXIT } from "../base/exit_codes.ts";
import { formatDuration, nanosecondsSince } from "../base/units.ts";
import { planManaged, runManaged } from "./commands/upgrade/managed.ts";
import {
  acceptedPolicy,
  prepare,
  PRODUCT_WORDS,
  parseUpgrade,
  type Setup,
  type UpgradeRequest,
  upgradeTask,
} from "./commands/upgrade/setup.ts";
import {
  change,
  eventTeller,
  line,
  origin,
  planJson,
  signedBy,
  ignoreEvents,
} from "./commands/upgrade/upgrade_words.ts";

const ALLOW_DOWNGRADE: OptionSpec = {
  summary: "go below the installed version or the record's minimum; logged",
};
const TO: OptionSpec = { value: "PATH", summary: "the program to replace" };

export const upgradeCommand: Command<UpgradeRequest> = {
  usage: ["[bun|self] [VERSION] [--check] [--dry-run] [--to PATH]"],
  words: PRODUCT_WORDS,
  options: {
    check: { summary: "only say whether there is a newer version" },
    "dry-run": { summary: "only say what would be done" },
    to: TO,
    yes: { short: "y", summary: "let the package manager run without asking" },
    "allow-downgrade": ALLOW_DOWNGRADE,
    registry: { value: "URL", summary: "the registry to ask, whatever the record names" },
    unsigned: { value: "URL", summary: "the registry to ask, whose releases need no signature" },
    "registry-keys": {
      value: "FILE",
      summary: "a private registry's signing keys, as npm serves them",
    },
    "trusted-root": { value: "FILE", summary: "a Sigstore trusted root other than the public one" },
  },
  examples: [
    "bun-config upgrade                   # this project's or machine's Bun",
    "bun-config upgrade bun 1.4.5 --to ~/.bun/bin/bun",
    "bun-config upgrade --check --json",
    "bun-config upgrade self",
  ],
  parse: parseUpgrade,
  async run(context, request) {
    const setup = await prepare(context, request);
    refuseForeign(setup.installation);
    await introduce(context, setup);
    const managed = await planManaged(context, setup);
    if (managed !== undefined) return runManaged(context, setup, managed);
    return request.check || request.dryRun ? inspect(context, setup) : upgrade(context, setup);
  },
};

export const rollbackCommand: Command<UpgradeRequest> = {
  usage: ["[bun|self] [--to PATH]"],
  words: PRODUCT_WORDS,
  options: { to: TO, "allow-downgrade": ALLOW_DOWNGRADE },
  examples: ["bun-config rollback", "bun-config rollback self"],
  parse(args) {
    const request = parseUpgrade(args);
    if (request.version === undefined) return request;
    throw usageError("expected [bun|self]", "To bring another version, use bun-config upgrade.");
  },
  async run(context, request) {
    const { out } = context;
    const setup = await prepare(context, request);
    const { product, installation } = setup;
    refuseForeign(installation);
    refuseManaged(setup);
    const { from, to } = await rollbackProgram({
      product,
      policy: policyOf(setup.file, product.platformPackage),
      target: installation.target,
      allowDowngrade: request.allowDowngrade,
      logPath: downgradeLogPath(context.env),
      now: context.now,
      onEvent: eventTeller(out),
    });
    out.done(
      { product: product.id, path: installation.path, from: from ?? null, to },
      `${product.title} ${to} is back in ${installation.path}`,
    );
  },
};

/** Says what is installed, from where, and how it will be replaced. */
async function introduce(context: Context, setup: Setup): Promise<void> {
  const { out } = context;
  const { product, installation, filePath } = setup;
  const { path, target, kind } = installation;
  const isAsked = setup.installed === undefined && kind !== "new";
  const version = isAsked ? await installedVersion(target) : (setup.installed ?? undefined);
  out.note(out.style("bold", `${product.title}${version === undefined ? "" : ` ${version}`}`));
  line(out, "program", path === target ? path : `${path} -> ${target}`);
  line(out, "origin", origin(installation));
  if (kind === "binary" || kind === "installScript") {
    line(out, "way", `replaced in place, kept as ${programFiles(target).previous}`);
  } else if (kind === "project" || kind === "global") {
    line(out, "way", "by the package manager that installed it");
  }
  const { registry } = acceptedPolicy(context, setup, product.platformPackage);
  const isChosen = (setup.request.registry ?? setup.request.unsigned) !== undefined;
  const source = filePath === undefined ? "the default" : `pinned by ${filePath}`;
  line(out, "registry", `${registry}, ${isChosen ? "as you said" : source}`);
}

/** Says what an upgrade would do. */
async function inspect(context: Context, setup: Setup): Promise<number> {
  const { out } = context;
  const { product, installation } = setup;
  const task = await upgradeTask(context, setup, product.platformPackage, ignoreEvents);
  const { plan, signature } = await inspectUpgrade(task);
  const { previous } = programFiles(installation.target);
  line(out, "version", change(plan.from, plan.to));
  line(out, "signature", signedBy(signature?.keyId));
  if (setup.request.dryRun && plan.change !== "none") {
    line(out, "would fetch", plan.release.tarball);
    line(out, "would write", plan.from === undefined ? task.target : `${task.target}, ${previous}`);
  }
  out.done(
    { ...planJson(setup, plan), signedBy: signature?.keyId ?? null },
    plan.change === "none"
      ? `${product.title} ${plan.to} is up to date`
      : `${product.title} ${plan.to} is available`,
  );
  return EXIT.done;
}

async function upgrade(context: Context, setup: Setup): Promise<number> {
  const { out } = context;
  const { product } = setup;
  const seen: { signedBy: string | null; provenance: string | null } = {
    signedBy: null,
    provenance: null,
  };
  const tell = eventTeller(out);
  const onEvent = (event: UpgradeEvent): void => {
    if (event.kind === "signed") seen.signedBy = event.keyId;
    if (event.kind === "provenance") seen.provenance = event.signer;
    tell(event);
  };
  const start = performance.now();
  const task = await upgradeTask(context, setup, product.platformPackage, onEvent);
  const plan = await upgradeProgram(task);
  const nanoseconds = nanosecondsSince(start);
  out.done(
    { ...planJson(setup, plan), ...seen, nanoseconds },
    plan.change === "none"
      ? `${product.title} ${plan.to} is installed already`
      : `${product.title} ${plan.to} is installed, in ${formatDuration(nanoseconds)}` +
          (plan.from === undefined
            ? ""
            : `; back with: bun-config rollback${rollbackWords(setup.request)}`),
  );
  return EXIT.done;
}

/** How `rollback` is told which program is meant. */
function rollbackWords({ program, to }: UpgradeRequest): string {
  const product = program === "self" ? " self" : "";
  return to === undefined ? product : `${product} --to ${to}`;
}

/** A package manager keeps no old program, but it can bring any version. */
function refuseManaged({ installation, product }: Setup): void {
  const command = managerCommand(installation, product.packageName, "VERSION");
  if (command === undefined) return;
  throw new ImmuconfigError(
    "ERR_MANAGED",
    `${installation.path} is ${origin(installation)}, which keeps no old program`,
    { hint: `Go back with: ${command.words.join(" ")}` },
  );
}
