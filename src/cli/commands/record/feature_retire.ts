/** `feature retire`: out of the sources, and out of use. */

import { dirname } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { buildFlags } from "../../../bundle/flags/build_flags.ts";
import { DECLARATION_FILE } from "../../../bundle/source/needles.ts";
import { checkSources, flagPattern } from "../../../bundle/source/project_check.ts";
import { count, dayOf } from "../../../base/units.ts";
import { retireInSource } from "../../../bundle/retire/retire.ts";
import { beyondRetire, retireInComponent } from "../../../bundle/retire/retire_component.ts";
import {
  type ComponentKind,
  componentKind,
} from "../../../bundle/source/component/script_parts.ts";
import { recordView } from "../../../runtime/loaded_record.ts";
import { printable } from "../../../base/text.ts";
import { requireYes } from "../../prompt/agree.ts";
import { usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { type Mention, openToRetire, retireNow, wouldRetire } from "./feature_mark.ts";
import type { RetireRequest } from "./feature_request.ts";
import { lineDiff } from "../setup/project/line_diff.ts";
import type { OpenedFile } from "../../files/project_file.ts";
import { type Place, readNaming, readSources, type SourceText } from "../../files/source_files.ts";
import { readText, requireInside, writeText } from "../../files/text_file.ts";

interface Rewrite extends SourceText {
  readonly after: string;
}

interface Rewrites {
  readonly rewrites: readonly Rewrite[];
  readonly mentions: readonly Mention[];
}

/**
 * Takes a flag out of the sources, and then out of use.
 *
 * @returns the exit code
 * @throws ImmuconfigError `ERR_USAGE` where sources use the flag and nothing says which branches stay, or
 * nobody can be asked; `ERR_DECLINED`
 */
export async function retire(context: Context, request: RetireRequest): Promise<number> {
  const { name, keep, dryRun } = request;
  const opened = openToRetire(context, name);
  if (keep === undefined) refuseUsed(context, opened, request);
  const { rewrites, mentions } =
    keep === undefined ? NO_REWRITES : plan(context, opened, { ...request, keep });
  // All or none of them.
  for (const { path } of rewrites) requireInside(path);
  for (const rewrite of rewrites) showDiff(context, rewrite);
  for (const { file, line } of mentions) {
    context.out.note(
      `${printable(file)}:${line} still names ${name}: see whether it reads the flag`,
    );
  }
  const files = rewrites.map(({ file }) => file);
  const head = { name, kept: keep ?? null, files, mentions };
  const written = keep === undefined ? "" : count(files.length, "file");
  if (dryRun) return wouldRetire(context, head, written && `rewrite ${written} and `);
  // Nothing but the mark is to be written.
  const agreed = request.yes || keep === undefined;
  await requireYes(context, agreed, `Rewrite ${written} and retire ${name}?`);
  await writeAll(rewrites);
  return retireNow(context, head, written && `Rewrote ${written} with ${name} ${keep}; `);
}

/** All of them, or none: where one cannot be written, those before it are put back. */
async function writeAll(rewrites: readonly Rewrite[]): Promise<void> {
  const written: Rewrite[] = [];
  try {
    for (const rewrite of rewrites) {
      await writeText(rewrite.path, rewrite.after, rewrite.code);
      written.push(rewrite);
    }
  } catch (error) {
    for (const { path, code, after } of written) await writeText(path, code, after);
    throw error;
  }
}

const NO_REWRITES: Rewrites = { rewrites: [], mentions: [] };

/** Without a word about them, no source may be left to use a flag that is out of use. */
function refuseUsed(context: Context, opened: OpenedFile, { name, paths }: RetireRequest): void {
  const flags = buildFlags(recordView(opened.path, opened.file));
  const { uses } = checkSources(
    readSources(paths.length === 0 ? [dirname(opened.path)] : paths, context),
    flags,
    dayOf(context.now()),
  );
  const places = uses[name] ?? [];
  if (places.length === 0) return;
  const shown = places.slice(0, USES_SHOWN).map(({ file, line }) => `  ${printable(file)}:${line}`);
  const more = places.length - shown.length;
  throw usageError(
    [
      `${name} is still used:`,
      ...shown,
      ...(more > 0 ? [`  and in ${count(more, "more place")}`] : []),
    ].join("\n"),
    "Say which branches stay, --keep on or --keep off, or leave the sources alone: --mark-only.",
  );
}

const USES_SHOWN = 20;

/** All rewrites, before any is written: a source that cannot be rewritten stops them all. */
function plan(
  place: Place,
  opened: OpenedFile,
  { name, keep, paths }: Pick<RetireRequest, "name" | "keep" | "paths">,
): Rewrites {
  const rewrites: Rewrite[] = [];
  const mentions: Mention[] = [];
  const left: Mention[] = [];
  const project = dirname(opened.path);
  const seen = new Set<string>();
  for (const source of readSources(paths.length === 0 ? [project] : paths, place)) {
    seen.add(source.path);
    const kind = componentKind(source.path);
    const after = retireIn(source, kind, name, keep === "on");
    mentions.push(...findMentions(after ?? source.code, source.file, name));
    if (kind !== undefined) left.push(...findBeyond(source, kind, name));
    if (after === undefined) continue;
    // Read as it will be when it is written: what is not UTF-8 is refused.
    readText(source.path);
    rewrites.push({ ...source, after });
  }
  if (left.length > 0) throw cannotRewrite(name, left);
  // What is named is rewritten, and the rest pointed out; the whole project is whole.
  for (const { path, code, file } of readNaming(project, place)) {
    if (!seen.has(path)) mentions.push(...findMentions(code, file, name));
  }
  return { rewrites, mentions };
}

/** Where a component may read the flag and is not rewritten. */
function findBeyond({ code, file }: SourceText, kind: ComponentKind, name: string): Mention[] {
  if (!code.includes(name)) return [];
  return findMentions(beyondRetire(code, kind), file, name);
}

function retireIn(
  { code, file }: SourceText,
  kind: ComponentKind | undefined,
  name: string,
  keep: boolean,
): string | undefined {
  if (kind === undefined) return retireInSource(code, file, name, keep);
  return retireInComponent(code, file, kind, { name, keep });
}

function cannotRewrite(name: string, places: readonly Mention[]): ImmuconfigError {
  const shown = places.slice(0, USES_SHOWN).map(({ file, line }) => `  ${printable(file)}:${line}`);
  return new ImmuconfigError(
    "ERR_SOURCE",
    [`${name} stands in files that cannot be rewritten:`, ...shown].join("\n"),
    { hint: "Take it out of them by hand, and run the command again." },
  );
}

function findMentions(code: string, file: string, name: string): Mention[] {
  // `bun-config types` writes it anew.
  if (DECLARATION_FILE.test(file)) return [];
  const word = flagPattern(name);
  const lines = code.split("\n").map((text, index) => ({ text, line: index + 1 }));
  return lines.filter(({ text }) => word.test(text)).map(({ line }) => ({ file, line }));
}

function showDiff({ out }: Context, { file, code, after }: Rewrite): void {
  out.note(out.style("bold", printable(file)));
  for (const line of lineDiff(code, after)) {
    out.note(out.style(line.startsWith("-") ? "red" : "green", printable(line)));
  }
}
