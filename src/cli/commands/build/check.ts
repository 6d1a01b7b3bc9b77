import { checkSources, formatReport, hasErrors } from "../../../bundle/source/project_check.ts";
import { buildFlags } from "../../../bundle/flags/build_flags.ts";
import { dayOf } from "../../../base/units.ts";
import type { CommandArguments } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { copies } from "../../output/output.ts";
import { open } from "../../files/project_file.ts";
import { readSources } from "../../files/source_files.ts";

export const checkCommand: Command<CommandArguments> = {
  usage: ["[PATHS]"],
  takesFiles: true,
  examples: ["bun-config check", "bun-config check src packages/app --json"],
  parse: (args) => args,
  run: check,
};

function check(context: Context, args: CommandArguments): number {
  const { path, file, pin } = open(context);
  const flags = buildFlags(path, file, pin?.record);
  const today = dayOf(context.now());
  const report = checkSources(readSources(args.operands, context.cwd), flags, today);
  const { diagnostics, uses, files } = report;
  context.out.data(
    {
      ok: !hasErrors(report),
      files: { ...files },
      diagnostics: copies(diagnostics),
      uses: Object.fromEntries(
        Object.entries(uses).map(([name, places]) => [name, copies(places)]),
      ),
    },
    formatReport(report).trimEnd(),
  );
  return hasErrors(report) ? EXIT.failed : EXIT.done;
}
