import { requireBunFor } from "../../../base/bun_only.ts";
import { type BundleConfig, bundle } from "../../../bundle/build/bundle.ts";
import { buildFlags } from "../../../bundle/flags/build_flags.ts";
import {
  matrixRows,
  type MatrixRow,
  suspectTexts,
} from "../../../bundle/analysis/matrix/matrix.ts";
import { mapBounded } from "../../../bundle/analysis/parallel.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { recordFromText } from "../../../format/record.ts";
import { recordView } from "../../../runtime/loaded_record.ts";
import { printableLines } from "../../../base/text.ts";
import { usageError } from "../../args/arguments.ts";
import {
  type AskedConfig,
  BUILD_ONLY_OPTIONS,
  bundleConfig,
  withFolderSettings,
} from "./build_options.ts";
import { captureCommand, type Outcome, PASSED } from "../../children/capture_command.ts";
import { childVariables } from "../../children/child_environment.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { startEnvironment } from "../../../base/start_environment.ts";
import { count } from "../../../base/units.ts";
import { open, type OpenedFile } from "../../files/project_file.ts";

export interface MatrixRequest {
  readonly entries: readonly string[];
  /** The program to run and its arguments; empty to build only. */
  readonly command: readonly string[];
  /** Commands at once. */
  readonly jobs: number;
  readonly build: AskedConfig;
}

export const matrixCommand: Command<MatrixRequest> = {
  usage: ["ENTRY… [OPTIONS OF bun build]", "[ENTRY…] [--jobs N] -- COMMAND [ARGUMENT…]"],
  takesCommand: true,
  options: {
    jobs: { value: "N", summary: "commands at once (default: 1)" },
    ...BUILD_ONLY_OPTIONS,
  },
  takesFiles: true,
  examples: [
    "bun-config matrix src/server.ts --target bun",
    "bun-config matrix -- bun test",
    "bun-config matrix src/server.ts --jobs 2 -- bun run e2e",
  ],
  parse(args) {
    const { operands: entries, command } = args;
    if (entries.length === 0 && command.length === 0) {
      throw usageError("expected an entry point, or a command behind --");
    }
    const jobs = args.number("jobs", { none: 1, least: 1, most: JOBS_MAX });
    return { entries, command, jobs, build: bundleConfig(args) };
  },
  run: matrix,
};

const JOBS_MAX = 64;
const BUILDS_AT_ONCE = 2;

async function matrix(context: Context, request: MatrixRequest): Promise<number> {
  requireBunFor("a build");
  const { entries, command, jobs } = request;
  const build = withFolderSettings(request.build, context);
  const opened = open(context);
  const { path, file, pin } = opened;
  const rows = matrixRows(buildFlags(recordView(path, file, pin?.record)));
  let done = 0;
  const outcomes = await mapBounded(
    rows,
    command.length === 0 ? BUILDS_AT_ONCE : jobs,
    async (row): Promise<Outcome> => {
      const built =
        entries.length === 0 ? PASSED : await buildRow(entries, row, { build, now: context.now() });
      const isOver = built.failed || command.length === 0;
      const outcome = isOver ? built : await runRow(context, command, opened, row);
      announce(context, row, outcome, `${++done}/${rows.length}`);
      return outcome;
    },
  );
  return report(context, rows, outcomes);
}

async function buildRow(
  entrypoints: readonly string[],
  row: MatrixRow,
  { build, now }: { readonly build: BundleConfig; readonly now: Date },
): Promise<Outcome> {
  try {
    await bundle(entrypoints, row.flags, { build, now });
    return PASSED;
  } catch (error) {
    if (error instanceof ImmuconfigError)
      return { failed: true, output: printableLines(error.message) };
    throw error;
  }
}

/** Runs the command as `bun-config exec` would under a record with the row's flags. */
function runRow(
  context: Context,
  command: readonly string[],
  opened: OpenedFile,
  { flags }: MatrixRow,
): Promise<Outcome> {
  const pinned = {
    ...opened,
    pin: { path: opened.path, record: recordFromText(flags.record) },
  };
  const inherited = startEnvironment(context.env, context.cwd);
  const isNamed = context.file !== undefined;
  const env = { ...inherited, ...childVariables(inherited, pinned, isNamed) };
  return captureCommand(command, { cwd: context.cwd, env });
}

function announce(
  { out }: Context,
  row: MatrixRow,
  { failed, output }: Outcome,
  position: string,
): void {
  const verdict = failed ? out.style("red", "failed") : out.style("green", "passed");
  out.note(`${position}  ${verdict}  ${rowText(row)}`);
  if (failed && output !== "") out.note(output.trimEnd().replace(/^/gm, "    "));
}

function report(
  { out }: Context,
  rows: readonly MatrixRow[],
  outcomes: readonly Outcome[],
): number {
  const failed = outcomes.map((outcome) => outcome.failed);
  const failures = failed.filter(Boolean).length;
  const suspects = failures === 0 ? [] : suspectTexts(rows, failed);
  const lines = rows.filter((_, index) => failed[index]).map((row) => `failed: ${rowText(row)}`);
  if (suspects.length > 0) lines.push(`explained by: ${suspects.join("; or by ")}`);
  lines.push(`${count(rows.length, "combination")}, ${failures} failed`);
  out.data(
    {
      combinations: rows.map(({ states, flags }, index) => ({
        record: flags.record,
        features: Object.fromEntries(states),
        failed: failed[index] === true,
        output: outcomes[index]?.output ?? "",
      })),
      failures,
      suspects,
    },
    lines.join("\n"),
  );
  return failures === 0 ? EXIT.done : EXIT.failed;
}

/** The flags that are on. */
function rowText({ states }: MatrixRow): string {
  const on = [...states].flatMap(([name, enabled]) => (enabled ? [name] : []));
  return on.length === 0 ? "all flags off" : `on: ${on.join(", ")}`;
}
