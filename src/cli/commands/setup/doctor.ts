import { existsSync } from "node:fs";
import { ImmuconfigError } from "../../../base/errors.ts";
import type { File } from "../../../format/file.ts";
import { recordToText } from "../../../format/record.ts";
import { commandsForTracked } from "../../../store/taken_away.ts";
import { readConfigFile } from "../../../trust/verified.ts";
import type { Command, Context } from "../../command.ts";
import { CHECKS } from "./doctor/all_checks.ts";
import { runChecks } from "./doctor/run_checks.ts";
import { examine, fail, type Finding, type Level, ok } from "./doctor/finding.ts";
import { printable } from "../../../base/text.ts";
import { EXIT, EXIT_OF_ERROR } from "../../../base/exit_codes.ts";
import type { Style } from "../../output/output.ts";
import { locateProject } from "./project/project.ts";

const STYLES: Readonly<Record<Level, Style>> = { ok: "green", warn: "yellow", fail: "red" };

export interface DoctorRequest {
  /** Starts what the project starts: this runs its own code. */
  readonly run: boolean;
  /** Fixes what needs no decision. */
  readonly fix: boolean;
}

export const doctorCommand: Command<DoctorRequest> = {
  usage: ["[--fix] [--run]"],
  options: {
    fix: { summary: "fix what needs no decision, then look again" },
    run: { summary: "start programs, git's driver and tsc: runs the project's code" },
  },
  examples: ["bun-config doctor", "bun-config doctor --fix", "bun-config doctor --run --json"],
  parse(args) {
    args.exactly([]);
    return { run: args.has("run"), fix: args.has("fix") };
  },
  async run(context, { run, fix }) {
    const { out } = context;
    const fixed = fix ? await applyFixes((await findingsOf(context, false)).findings) : [];
    const { path, findings, exitCode } = await findingsOf(context, run);
    const healthy = findings.every(({ level }) => level !== "fail");
    const checks = findings.map(({ topic, level, message, hint }) => ({
      topic,
      level,
      message,
      hint,
    }));
    const lines = fixed.map((message) => `${out.style("green", "fixed")} ${printable(message)}`);
    out.done(
      { file: path, healthy, fixed, checks },
      [...lines, describe(context, findings)].join("\n"),
    );
    if (exitCode === EXIT.integrity) return exitCode;
    return healthy ? EXIT.done : EXIT.failed;
  },
};

async function findingsOf(context: Context, run: boolean) {
  const project = locateProject(context);
  const { file, finding, exitCode } = examineFile(context, project.path);
  const { cwd, env } = context;
  const examined = { cwd, project, file, env, now: context.now() };
  const ran = run ? await runChecks(examined) : [];
  const findings = [
    finding,
    ...CHECKS.flatMap((check) => examine(check, examined)),
    ...ran.map((observation) => ({ topic: "run", ...observation })),
  ];
  return { path: project.path, findings, exitCode };
}

/** @returns what was fixed */
async function applyFixes(findings: readonly Finding[]): Promise<string[]> {
  const fixed: string[] = [];
  for (const { topic, message, fix } of findings) {
    if (fix === undefined) continue;
    await fix();
    fixed.push(`${topic}: ${message}`);
  }
  return fixed;
}

interface FileExamination {
  readonly file: File | undefined;
  readonly finding: Finding;
  readonly exitCode: number;
}

function examineFile({ env }: Context, path: string): FileExamination {
  const topic = "file";
  if (!existsSync(path)) {
    const restore = commandsForTracked(path, env)?.restore;
    const hint =
      restore === undefined ? "Create it with `bun-config init`." : `Git has it: ${restore}`;
    const finding = { topic, ...fail(`there is no ${path}`, hint) };
    return { file: undefined, finding, exitCode: EXIT.failed };
  }
  try {
    const file = readConfigFile(path, env);
    const state = `record ${recordToText(file.record)}, generation ${file.generation}`;
    const finding = { topic, ...ok(`${path} is valid: ${state}`) };
    return { file, finding, exitCode: EXIT.done };
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    const finding = { topic, ...fail(error.message, error.hint) };
    return { file: undefined, finding, exitCode: EXIT_OF_ERROR[error.code] };
  }
}

function describe({ out }: Context, findings: readonly Finding[]): string {
  return findings
    .flatMap(({ topic, level, message, hint }) => {
      const line = `${out.style(STYLES[level], level.padEnd(4))}  ${topic}: ${printable(message)}`;
      return hint === undefined ? [line] : [line, `      ${printable(hint)}`];
    })
    .join("\n");
}
