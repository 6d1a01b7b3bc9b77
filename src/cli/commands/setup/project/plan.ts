/** What `init` and `init --undo` would change in the files around the configuration. */

import { readText, removeText, writeText } from "../../../files/text_file.ts";
import { addPreload, removePreload } from "./bunfig_toml.ts";
import type { Edit } from "./edit.ts";
import { addAttributes, removeAttributes } from "./git_attributes.ts";
import { twinText } from "../../../../format/describe/text.ts";
import { twinKind, twinPath } from "../../../../store/twin.ts";
import { lineDiff } from "./line_diff.ts";
import { addScripts, parseManifest, removeScripts } from "./manifest.ts";
import type { Project } from "./project.ts";

export interface Change {
  readonly path: string;
  /** Undefined for a file that is to be created. */
  readonly before: string | undefined;
  /** Undefined for a file that is to be removed. */
  readonly after: string | undefined;
  /** Nobody edits it: what is in it need not be shown. */
  readonly isGenerated?: true;
}

export interface Plan {
  readonly changes: readonly Change[];
  /** What is left to the user, a sentence each. */
  readonly notes: readonly string[];
}

/** Plans the additions. Reads; writes nothing. */
export function planAdditions(project: Project, hasTwin: boolean): Plan {
  const { manifestPath, bunfigPath, attributesPath, name } = project;
  const manifest = readText(manifestPath);
  const attributes = planEdit(attributesPath, (text) => addAttributes(text, name, hasTwin));
  if (manifest === undefined) {
    const note = `There is no ${manifestPath}: no script and no preload was added.`;
    return joinPlans([{ changes: [], notes: [note] }, attributes]);
  }
  const dependencies = parseManifest(manifest)?.dependencies;
  const preload =
    dependencies !== undefined && "immuconfig" in dependencies
      ? planEdit(bunfigPath, addPreload)
      : { changes: [], notes: [NO_PRELOAD] };
  return joinPlans([planEdit(manifestPath, addScripts), preload, attributes]);
}

/** Plans to take the additions away. Reads; writes nothing. */
export function planRemovals(project: Project): Plan {
  const { manifestPath, bunfigPath, attributesPath, name } = project;
  return joinPlans([
    planEdit(manifestPath, removeScripts),
    planEdit(bunfigPath, removePreload),
    planEdit(attributesPath, (text) => removeAttributes(text, name)),
  ]);
}

/** The change in words, as a diff has them. */
export function describeChange({ path, before, after, isGenerated }: Change): string[] {
  const verb = before === undefined ? "create" : after === undefined ? "remove" : "change";
  const diff = isGenerated === true ? [] : lineDiff(before ?? "", after ?? "");
  return [`${verb} ${path}`, ...diff.map((line) => `  ${line}`)];
}

/** @throws ImmuconfigError `ERR_CONFLICT` when a file has changed since it was planned; `ERR_WRITE` */
export async function applyChange({ path, before, after }: Change): Promise<void> {
  if (after !== undefined) await writeText(path, after, before);
  else if (before !== undefined) await removeText(path, before);
}

const NO_PRELOAD =
  "The preload was left out: with it, no program starts where immuconfig is not installed, and it " +
  "is not in dependencies. For Bun.config, run `bun add immuconfig` and init again.";

/** Plans one file's edit. */
export function planEdit(path: string, edit: (text: string | undefined) => Edit): Plan {
  const before = readText(path);
  const { text: after, notes } = edit(before);
  const named = notes.map((note) => `${path}: ${note}`);
  return { changes: after === before ? [] : [{ path, before, after }], notes: named };
}

/**
 * Plans the text twin.
 *
 * @param bytes of the file as it will be; undefined for no twin
 */
export function planTwin(path: string, bytes: Uint8Array | undefined): Plan {
  const twin = twinPath(path);
  if (twinKind(path) === "other") {
    return { changes: [], notes: [`${twin} is no plain file: remove it, and init again.`] };
  }
  const before = readText(twin);
  const after = bytes === undefined ? undefined : twinText(bytes);
  const change: Change = { path: twin, before, after, isGenerated: true };
  return { changes: after === before ? [] : [change], notes: [] };
}

export function joinPlans(plans: readonly Plan[]): Plan {
  return {
    changes: plans.flatMap(({ changes }) => changes),
    notes: plans.flatMap(({ notes }) => notes),
  };
}
