import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { changeText, describeChanges } from "../../../format/describe/changes.ts";
import type { File } from "../../../format/file.ts";
import { readFileBytes } from "../../../store/read.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { quote } from "../../../base/text.ts";
import { gitFile, readRevision } from "./git.ts";
import { locate } from "../../files/project_file.ts";
import { decodeVersion } from "./decode_version.ts";

export interface DiffRequest {
  readonly a: string;
  /** Nothing for the project's file as it is. */
  readonly b: string | undefined;
  /** Whether a difference is a failure. */
  readonly exitCode: boolean;
}

export const diffCommand: Command<DiffRequest> = {
  usage: ["A [B] [--exit-code]"],
  options: {
    "exit-code": { summary: "end with status 1 when they differ" },
  },
  takesFiles: true,
  examples: [
    "bun-config diff HEAD                 # since the last commit",
    "bun-config diff v1.0 main            # between two revisions",
    "bun-config diff old.lockb new.lockb",
  ],
  parse(args) {
    const [a, b, ...more] = args.operands;
    if (a === undefined || more.length > 0) throw usageError("expected A and at most one B");
    return { a, b, exitCode: args.has("exit-code") };
  },
  run(context, { a, b, exitCode }) {
    const before = readOperand(context, a);
    const after = b === undefined ? readProject(context) : readOperand(context, b);
    const changes = describeChanges(before, after);
    const { out } = context;
    if (out.json || changes.length > 0) {
      out.data(changes, changes.map(changeText).join("\n"));
    } else {
      out.note("no difference");
    }
    return exitCode && changes.length > 0 ? EXIT.failed : EXIT.done;
  },
};

function readProject(context: Context): File {
  const path = locate(context);
  return decodeVersion(readFileBytes(path), path);
}

/** A path that exists is a file; all else is a revision of the project's file. */
function readOperand(context: Context, operand: string): File {
  const path = resolve(context.cwd, operand);
  if (existsSync(path)) return decodeVersion(readFileBytes(path), operand);
  const project = gitFile(locate(context), context.env);
  const bytes = readRevision(project, operand);
  if (bytes !== undefined) return decodeVersion(bytes, `${project.name} in ${operand}`);
  throw new ImmuconfigError(
    "ERR_NOT_FOUND",
    `${quote(operand)} is neither a file nor a git revision that has ${project.name}`,
    { hint: "Give a path, or a revision such as HEAD~1, main or v1.0." },
  );
}
