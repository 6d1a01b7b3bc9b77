import { existsSync } from "node:fs";
import { ImmuconfigError } from "../../../base/errors.ts";
import type { File } from "../../../format/file.ts";
import { recordToText } from "../../../format/record.ts";
import { readConfigFile } from "../../../trust/verified.ts";
import type { Command, Context } from "../../command.ts";
import { CHECKS } from "./doctor/checks.ts";
import { examine, fail, type Finding, type Level, ok } from "./doctor/finding.ts";
import { printable } from "../../../base/text.ts";
import { EXIT, EXIT_OF_ERROR } from "../../../base/exit_codes.ts";
import { copies, type Style } from "../../output/output.ts";
import { locateProject } from "./project/project.ts";

const STYLES: Readonly<Record<Level, Style>> = { ok: "green", warn: "yellow", fail: "red" };

export const doctorCommand: Command<void> = {
  usage: [""],
  examples: ["bun-config doctor", "bun-config doctor --json"],
  parse: (args) => void args.exactly([]),
  run(context) {
    const { env, out } = context;
    const project = locateProject(context);
    const { file, finding, exitCode } = examineFile(context, project.path);
    const patient = { project, file, env, now: context.now() };
    const findings = [finding, ...CHECKS.flatMap((check) => examine(check, patient))];
    const healthy = findings.every(({ level }) => level !== "fail");
    out.done(
      { file: project.path, healthy, checks: copies(findings) },
      describe(context, findings),
    );
    if (exitCode === EXIT.integrity) return exitCode;
    return healthy ? EXIT.done : EXIT.failed;
  },
};

interface FileExamination {
  readonly file: File | undefined;
  readonly finding: Finding;
  readonly exitCode: number;
}

function examineFile({ env }: Context, path: string): FileExamination {
  const topic = "file";
  if (!existsSync(path)) {
    const finding = { topic, ...fail(`there is no ${path}`, "Create it with `bun-config init`.") };
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
