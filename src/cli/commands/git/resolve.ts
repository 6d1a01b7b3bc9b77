import { dirname } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { shellWord } from "../../../base/text.ts";
import { changeText, describeChanges } from "../../../format/describe/changes.ts";
import { twinText } from "../../../format/describe/text.ts";
import { encodeFile } from "../../../format/file.ts";
import { conflictLines, type Merge, mergeFiles } from "../../../format/merge/merge.ts";
import { BIT_FIELD } from "../../../format/merge/merge_flags.ts";
import { CHOICES, type Choice, type MergeConflict } from "../../../format/merge/three_way.ts";
import { replaceRecord, twinKind, twinPath } from "../../../store/twin.ts";
import { withLock } from "../../../store/lock.ts";
import { readFileBytes } from "../../../store/read.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { type CommandArguments, unknownWord, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { locate, refusePinned } from "../../files/project_file.ts";
import { rewriteTypes } from "../../files/types_file.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { addToIndex, type GitFile, gitFile } from "./git.ts";
import { readUnmerged, type Unmerged } from "./unmerged.ts";

export interface ResolveRequest {
  /** Whose value is taken where nothing else is said. */
  readonly side: "ours" | "theirs" | undefined;
  /** Flags of theirs on a bit of ours get a free one. */
  readonly move: boolean;
  /** By field. */
  readonly named: ReadonlyMap<string, Choice>;
}

/** How git writes a file that nobody runs. */
const PLAIN_MODE = "100644";

export const resolveCommand: Command<ResolveRequest> = {
  usage: ["", "[--ours | --theirs] [--move] [FIELD=CHOICE…]"],
  options: {
    ours: { summary: "take our value of all that is open" },
    theirs: { summary: "take their value of all that is open" },
    move: { summary: "give their flag on a bit of ours a free bit" },
  },
  examples: [
    "bun-config resolve                          # says what is open",
    "bun-config resolve --move                   # both flags stay, theirs at another bit",
    "bun-config resolve --ours registry=theirs   # all ours, but the registry",
  ],
  parse(args) {
    if (args.has("ours") && args.has("theirs")) throw usageError("--ours or --theirs, not both");
    const side = args.has("ours") ? "ours" : args.has("theirs") ? "theirs" : undefined;
    return { side, move: args.has("move"), named: namedChoices(args) };
  },
  async run(context, request) {
    const path = locate(context);
    const file = gitFile(path, context.env);
    const versions = readUnmerged(file);
    if (versions === undefined) {
      context.out.done(
        { file: path, resolved: false, open: [], changes: [] },
        `${file.name} is in no open merge: nothing to resolve`,
      );
      return EXIT.done;
    }
    const { base, ours, theirs } = versions;
    const merge = mergeFiles(base, ours, theirs, chooser(request));
    checkChoices(request, versions);
    if (merge.conflicts.length > 0) return reportOpen(context, path, merge.conflicts);
    refusePinned(context, path);
    await write(file, path, versions, merge);
    for (const out of await rewriteTypes(path, ours, merge.file)) {
      context.out.note(`Wrote ${out}; add it to git, too`);
    }
    report(context, path, versions, merge);
    return EXIT.done;
  },
};

type Choose = (conflict: MergeConflict) => Choice | undefined;

function chooser({ side, move, named }: ResolveRequest): Choose {
  return ({ field }) => {
    const moves = field.startsWith(BIT_FIELD) && move;
    return named.get(field) ?? (moves ? "move" : side);
  };
}

/** @throws ImmuconfigError `ERR_USAGE` */
function namedChoices(args: CommandArguments): ReadonlyMap<string, Choice> {
  return new Map(
    args.operands.map((operand) => {
      const [, field, word = ""] = /^([^=]+)=(.*)$/.exec(operand) ?? [];
      if (field === undefined) throw usageError(`expected FIELD=CHOICE, got ${operand}`);
      const choice = CHOICES.find((candidate) => candidate === word);
      if (choice === undefined) throw unknownWord("choice", word, CHOICES);
      return [field, choice] as const;
    }),
  );
}

/** A choice for what is not open would be lost without a word. */
function checkChoices({ named }: ResolveRequest, { base, ours, theirs }: Unmerged): void {
  const open: string[] = [];
  mergeFiles(base, ours, theirs, ({ field }) => {
    open.push(field);
    return undefined;
  });
  for (const field of named.keys()) {
    if (!open.includes(field)) throw unknownWord("open field", field, open);
  }
}

function reportOpen(context: Context, path: string, open: readonly MergeConflict[]): number {
  const hasBits = open.some(({ field }) => field.startsWith(BIT_FIELD));
  const ways = ["--ours", "--theirs", ...(hasBits ? ["--move"] : []), "FIELD=ours"];
  context.out.data(
    { file: path, resolved: false, open: open },
    ["Open:", ...conflictLines(open), `Settle it: bun-config resolve ${ways.join(" | ")}`].join(
      "\n",
    ),
  );
  return EXIT.failed;
}

/** @throws ImmuconfigError `ERR_CONFLICT` where the file was edited since the merge */
async function write(
  file: GitFile,
  path: string,
  { base, ours, theirs, oursBytes, oursMode }: Unmerged,
  merge: Merge,
): Promise<void> {
  const real = realFilePath(path);
  const resolved = encodeFile(merge.file);
  await withLock(dirname(real), (folderDescriptor) => {
    const current = readFileBytes(real).slice();
    const left = encodeFile(mergeFiles(base, ours, theirs).file);
    if (![oursBytes, left, resolved].some((bytes) => Buffer.compare(bytes, current) === 0)) {
      const name = shellWord(file.name);
      throw new ImmuconfigError("ERR_CONFLICT", `${path} was edited since the merge`, {
        hint: `Keep it as it is with \`git add ${name}\`, or start over with \`git checkout --merge -- ${name}\`.`,
      });
    }
    // Git may have left marks of a conflict in the twin: it is written, too.
    replaceRecord(real, resolved, folderDescriptor);
  });
  addToIndex(file, oursMode, resolved);
  if (twinKind(real) !== "file") return;
  const twin = { ...file, name: twinPath(file.name) };
  addToIndex(twin, PLAIN_MODE, new TextEncoder().encode(twinText(resolved)));
}

function report(context: Context, path: string, { ours }: Unmerged, merge: Merge): void {
  const changes = describeChanges(ours, merge.file);
  for (const note of merge.notes) context.out.note(note);
  context.out.done(
    {
      file: path,
      resolved: true,
      open: [],
      generation: merge.file.generation,
      changes,
      notes: merge.notes,
    },
    `Resolved ${path}, and added it to git: ${changes.map(changeText).join(", ")}`,
  );
}
