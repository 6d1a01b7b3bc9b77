import { dirname } from "node:path";
import { checkSources, formatReport, hasErrors } from "../../../bundle/source/project_check.ts";
import { DECLARATION_FILE } from "../../../bundle/source/needles.ts";
import { buildFlags } from "../../../bundle/flags/build_flags.ts";
import { recordView } from "../../../runtime/loaded_record.ts";
import { dayOf } from "../../../base/units.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { open } from "../../files/project_file.ts";
import { type Place, readSources } from "../../files/source_files.ts";

export interface CheckRequest {
  /** Files and folders; none is the working folder. */
  readonly paths: readonly string[];
}

export const checkCommand: Command<CheckRequest> = {
  usage: ["[PATHS]"],
  takesFiles: true,
  examples: ["bun-config check", "bun-config check src packages/app --json"],
  parse: (args) => ({ paths: args.operands }),
  run: check,
};

/** What a file that asks for a flag has in it, whatever the form. */
const MAY_READ = /\bfeatures?\b|immuconfig/;

/** Whether a flag is unused is a question to the whole project of the record, whatever was named. */
function* readProject(folder: string, place: Place): Generator<string> {
  for (const { code, file } of readSources([folder], place)) {
    if (!DECLARATION_FILE.test(file) && MAY_READ.test(code)) yield code;
  }
}

function check(context: Context, { paths }: CheckRequest): number {
  const { path, file, pin } = open(context);
  const flags = buildFlags(recordView(path, file, pin?.record));
  const today = dayOf(context.now());
  const report = checkSources(readSources(paths, context), flags, today, () =>
    readProject(dirname(path), context),
  );
  const { diagnostics, uses, files } = report;
  context.out.data(
    {
      ok: !hasErrors(report),
      files,
      diagnostics,
      uses,
    },
    formatReport(report).trimEnd(),
  );
  return hasErrors(report) ? EXIT.failed : EXIT.done;
}
