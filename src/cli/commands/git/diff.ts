import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { changeText, describeChanges } from "../../../format/describe/changes.ts";
import type { File } from "../../../format/file.ts";
import { readFileBytes } from "../../../store/read.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../output/exit_codes.ts";
import { gitFile, readRevision } from "./git.ts";
import { copies } from "../../output/output.ts";
import { locate } from "../../files/project_file.ts";
import { decodeVersion } from "./decode_version.ts";

export const diffCommand: Command = {
  name: "diff",
  summary: "say in words what changed between two versions",
  usage: ["A [B] [--exit-code]"],
  options: {
    "exit-code": { type: "boolean", summary: "end with status 1 when they differ" },
  },
  takesFiles: true,
  examples: [
    "bun-config diff HEAD                 # since the last commit",
    "bun-config diff v1.0 main            # between two revisions",
    "bun-config diff old.lockb new.lockb",
  ],
  run(context, args) {
    const [a, b, ...more] = args.operands;
    if (a === undefined || more.length > 0) throw usageError("expected A and at most one B");
    const before = readOperand(context, args, a);
    const after = b === undefined ? readProject(context, args) : readOperand(context, args, b);
    const changes = describeChanges(before, after);
    const { out } = context;
    if (out.json || changes.length > 0) {
      out.data(copies(changes), changes.map(changeText).join("\n"));
    } else {
      out.note("no difference");
    }
    return args.has("exit-code") && changes.length > 0 ? EXIT.failed : EXIT.done;
  },
};

function readProject(context: Context, args: CommandArguments): File {
  const path = locate(context, args);
  return decodeVersion(readFileBytes(path), path);
}

/** A path that exists is a file; all else is a revision of the project's file. */
function readOperand(context: Context, args: CommandArguments, operand: string): File {
  const path = resolve(context.cwd, operand);
  if (existsSync(path)) return decodeVersion(readFileBytes(path), operand);
  const project = gitFile(locate(context, args), context.env);
  const bytes = readRevision(project, operand);
  if (bytes !== undefined) return decodeVersion(bytes, `${project.name} in ${operand}`);
  throw new ImmuconfigError(
    "ERR_NOT_FOUND",
    `${JSON.stringify(operand)} is neither a file nor a git revision that has ${project.name}`,
    { hint: "Give a path, or a revision such as HEAD~1, main or v1.0." },
  );
}
