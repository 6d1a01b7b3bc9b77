import { requireBunFor } from "../../../base/bun_only.ts";
import { relative, resolve } from "node:path";
import type { Ledger, LedgerEntry } from "../../../bundle/analysis/ledger/make_ledger.ts";
import { brokenBudgets, parseBudget } from "../../../bundle/analysis/ledger/ledger_budget.ts";
import { writeOutput } from "../../../bundle/build/write_bundle.ts";
import type { BuildFlags } from "../../../bundle/flags/build_flags.ts";
import { printable } from "../../../base/text.ts";
import { usageError } from "../../args/arguments.ts";
import {
  type AskedConfig,
  BUILD_ONLY_OPTIONS,
  bundleConfig,
  withFolderSettings,
} from "./build_options.ts";
import {
  FEATURE_OPTIONS,
  type FeatureOverrides,
  flagsJson,
  openForBuild,
  parseFeatures,
} from "./open_for_build.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { count, formatBytes, formatDuration } from "../../../base/units.ts";

export interface LedgerRequest {
  readonly entries: readonly string[];
  readonly budgets: readonly ReturnType<typeof parseBudget>[];
  readonly features: FeatureOverrides;
  readonly build: AskedConfig;
  /** The path of a page to write. */
  readonly html: string | undefined;
  /** The path of a file to write in place of building: the sources, for a control plane to build. */
  readonly sources: string | undefined;
}

export const ledgerCommand: Command<LedgerRequest> = {
  usage: [
    "ENTRY… [--budget NAME=SIZE] [--html FILE] [OPTIONS OF bun build]",
    "ENTRY… --sources FILE [OPTIONS OF bun build]",
  ],
  options: {
    budget: {
      multiple: true,
      value: "NAME=SIZE",
      summary: "exit 1 when a flag adds more, such as DEBUG=10kB",
    },
    html: { value: "FILE", summary: "write a page with a chart" },
    sources: {
      value: "FILE",
      summary: "write the sources, for `push --ledger`, and build nothing",
    },
    ...FEATURE_OPTIONS,
    ...BUILD_ONLY_OPTIONS,
  },
  takesFiles: true,
  examples: [
    "bun-config ledger src/server.ts --target bun",
    "bun-config ledger src/app.tsx --minify --budget CHECKOUT_V2=10kB",
    "bun-config ledger src/app.tsx --packages external --html ledger.html",
    "bun-config ledger src/server.ts --target bun --sources sources.json",
  ],
  parse(args) {
    if (args.operands.length === 0) throw usageError("expected an entry point");
    const unbuilt = ["budget", "html", "feature", "no-feature"].find((name) => args.isGiven(name));
    if (args.isGiven("sources") && unbuilt !== undefined) {
      throw usageError(`--sources builds nothing, and --${unbuilt} is of what was built`);
    }
    return {
      entries: args.operands,
      budgets: args.values("budget").map(parseBudget),
      features: parseFeatures(args),
      build: bundleConfig(args),
      html: args.value("html"),
      sources: args.value("sources"),
    };
  },
  run: ledger,
};

async function ledger(context: Context, request: LedgerRequest): Promise<number> {
  requireBunFor("a build");
  const { entries, budgets, build, html, sources } = request;
  const flags = await openForBuild(context, request.features);
  if (sources !== undefined) return writeSources(context, request, flags, sources);
  const start = Bun.nanoseconds();
  const { measureLedger } = await import("../../../bundle/analysis/ledger/ledger.ts");
  const measured = await measureLedger(
    entries,
    flags,
    withFolderSettings(build, context),
    context.now(),
  );
  const nanoseconds = Bun.nanoseconds() - start;
  const broken = brokenBudgets(budgets, measured);
  if (html !== undefined) {
    const { ledgerPage } = await import("../../../bundle/analysis/ledger/ledger_page.ts");
    const title = entries.map((path) => relative(context.cwd, resolve(path))).join(", ");
    writeOutput(resolve(context.cwd, html), ledgerPage(measured, title, flags.record));
  }
  context.out.data(
    { ...flagsJson(flags), nanoseconds, ...measured, overBudget: broken },
    [...table(context, measured), "", summary(measured, nanoseconds)].join("\n"),
  );
  if (html !== undefined) context.out.note(`Wrote ${html}`);
  for (const { name, bytes, actual } of broken) {
    const label = context.out.style("red", "over budget:");
    context.out.note(`${label} ${name} adds ${formatBytes(actual)}, at most ${formatBytes(bytes)}`);
  }
  for (const path of measured.uncounted) {
    context.out.note(printable(`not counted: ${path}: Bun takes a component for a file`));
  }
  if (broken.length > 0) return EXIT.failed;
  return measured.uncounted.length === 0 ? EXIT.done : EXIT.incomplete;
}

async function writeSources(
  context: Context,
  { entries, build }: LedgerRequest,
  flags: BuildFlags,
  path: string,
): Promise<number> {
  const { cwd, env } = context;
  const { collectSources } = await import("../../../bundle/analysis/ledger/collect_sources.ts");
  const config = withFolderSettings(build, context);
  const surroundings = { cwd, nodeEnv: env["NODE_ENV"], now: context.now() };
  const sources = await collectSources(entries, flags, config, surroundings);
  const text = JSON.stringify(sources);
  writeOutput(resolve(cwd, path), text);
  const size = Buffer.byteLength(text);
  context.out.done(
    { wrote: path, files: sources.files.length, size },
    `Wrote ${path}: ${count(sources.files.length, "file")}, ${formatBytes(size)}`,
  );
  return EXIT.done;
}

const BAR_WIDTH = 24;

function table(context: Context, { flags, interactions }: Ledger): string[] {
  if (flags.length === 0) return ["no flag is defined"];
  const width = Math.max(4, ...flags.map(({ name }) => name.length));
  const largest = Math.max(1, ...flags.map(({ removes }) => removes.raw));
  const head = `${"flag".padEnd(width)}  state  ${"raw".padStart(10)}  ${"gzip".padStart(10)}`;
  const lines = flags.map((entry) => {
    const { name, enabled, removes } = entry;
    const size = [removes.raw, removes.gzip].map((bytes) => formatBytes(bytes).padStart(10));
    const bar = "█".repeat(Math.round((BAR_WIDTH * Math.max(0, removes.raw)) / largest));
    const colored = context.out.style(enabled ? "green" : "dim", bar.padEnd(BAR_WIDTH));
    const line = `${name.padEnd(width)}  ${enabled ? "on   " : "off  "}  ${size.join("  ")}  ${colored}`;
    return `${line}  ${gone(entry)}`.trimEnd();
  });
  const shared = interactions.map(
    ({ flags: [a, b], raw, gzip }) =>
      `  ${a} and ${b} together: ${formatBytes(raw)} raw, ${formatBytes(gzip)} gzip beyond their sum`,
  );
  return [context.out.style("bold", head), ...lines, ...(shared.length > 0 ? ["", ...shared] : [])];
}

function gone({ modules }: LedgerEntry): string {
  const [first, ...more] = modules;
  if (first === undefined) return "";
  const path = printable(first.path);
  return more.length === 0 ? path : `${path} and ${count(more.length, "module")} more`;
}

function summary({ total, modules, builds }: Ledger, nanoseconds: number): string {
  const size = `${formatBytes(total.raw)}, ${formatBytes(total.gzip)} gzip`;
  return `Bundle: ${size} in ${count(modules, "module")}. ${count(builds, "build")} in ${formatDuration(nanoseconds)}`;
}
