import { retireInSource } from "../../../bundle/retire/retire.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { retireFlag } from "../../../format/edit/switch_flags.ts";
import { isRetired } from "../../../format/file.ts";
import { recordToText } from "../../../format/record.ts";
import { printable } from "../../../base/text.ts";
import { nextFile } from "../../../store/update.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { copies, count, formatDuration } from "../../output/output.ts";
import { lineDiff } from "../setup/project/line_diff.ts";
import { change, open, refusePinned } from "../../files/project_file.ts";
import { readSources, type SourceText } from "../../files/source_files.ts";
import { readText, writeText } from "../../files/text_file.ts";

export const retireCommand: Command<CommandArguments> = {
  usage: ["NAME --keep on|off [PATHS] [--yes | --dry-run]"],
  options: {
    keep: { type: "string", value: "on|off", summary: "which of the flag's branches stay" },
    yes: { type: "boolean", short: "y", summary: "do not ask" },
    "dry-run": { type: "boolean", summary: "show what would change, and change nothing" },
  },
  flagPrefix: "",
  takesFiles: true,
  examples: [
    "bun-config retire CHECKOUT_V2 --keep on",
    "bun-config retire OLD_UI --keep off src --dry-run",
  ],
  parse: (args) => args,
  run: retire,
};

interface Rewrite extends SourceText {
  readonly after: string;
}

/** A line that names the flag and is not rewritten. */
interface Mention {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

async function retire(context: Context, args: CommandArguments): Promise<number> {
  const [name, ...paths] = args.operands;
  if (name === undefined) throw usageError("expected the name of a flag");
  const keep = args.value("keep");
  if (keep !== "on" && keep !== "off") {
    throw usageError("expected --keep on or --keep off", "It says which branches stay.");
  }
  const opened = open(context);
  refusePinned(context, opened.path);
  // A record that must stay as it is: found out before the sources are rewritten, not after.
  nextFile(opened.file, retireFlag(name), opened.path);
  const { rewrites, mentions } = plan(context, paths, name, keep === "on");
  for (const rewrite of rewrites) showDiff(context, rewrite);
  for (const { file, line } of mentions) {
    context.out.note(`${file}:${line} still names ${name}: see whether it reads the flag`);
  }
  const files = rewrites.map(({ file }) => file);
  const head = { name, kept: keep, files, mentions: copies(mentions) };
  if (args.has("dry-run")) {
    const text = `would rewrite ${count(files.length, "file")} and retire ${name}`;
    context.out.done({ ...head, changed: false }, text);
    return EXIT.done;
  }
  if (
    !(await isAgreed(context, args, `Rewrite ${count(files.length, "file")} and retire ${name}?`))
  ) {
    context.out.note("nothing was changed");
    return EXIT.failed;
  }
  for (const { path, code, after } of rewrites) await writeText(path, after, code);
  const { after, nanoseconds } = await change(context, retireFlag(name));
  context.out.done(
    { ...head, changed: true, retired: isRetired(after, name), record: recordToText(after.record) },
    `Rewrote ${count(files.length, "file")} with ${name} ${keep}; ${name} retired in ${formatDuration(nanoseconds)}, durable`,
  );
  return EXIT.done;
}

/** All rewrites, before any is written: a source that cannot be rewritten stops them all. */
function plan(
  context: Context,
  paths: readonly string[],
  name: string,
  keep: boolean,
): { readonly rewrites: readonly Rewrite[]; readonly mentions: readonly Mention[] } {
  const rewrites: Rewrite[] = [];
  const mentions: Mention[] = [];
  for (const source of readSources(paths, context.cwd)) {
    const after = retireInSource(source.code, source.file, name, keep);
    mentions.push(...findMentions(after ?? source.code, source.file, name));
    if (after === undefined) continue;
    // Read as it will be when it is written: what is not UTF-8 is refused.
    readText(source.path);
    rewrites.push({ ...source, after });
  }
  return { rewrites, mentions };
}

/** A declaration decides nothing, and `bun-config types` writes it anew. */
const DECLARATION = /\.d\.[cm]?ts$/;

function findMentions(code: string, file: string, name: string): Mention[] {
  if (DECLARATION.test(file)) return [];
  const word = new RegExp(`\\b${name}\\b`);
  const lines = code.split("\n").map((text, index) => ({ text, line: index + 1 }));
  return lines.filter(({ text }) => word.test(text)).map(({ line }) => ({ file, line }));
}

function showDiff({ out }: Context, { file, code, after }: Rewrite): void {
  out.note(out.style("bold", printable(file)));
  for (const line of lineDiff(code, after)) {
    out.note(out.style(line.startsWith("-") ? "red" : "green", printable(line)));
  }
}

async function isAgreed(
  context: Context,
  args: CommandArguments,
  question: string,
): Promise<boolean> {
  if (args.has("yes")) return true;
  if (context.interactive) return context.confirm(question);
  throw new ImmuconfigError("ERR_USAGE", "there is no terminal to ask on", {
    hint: "Add --yes to change the files, or --dry-run to look only.",
  });
}
