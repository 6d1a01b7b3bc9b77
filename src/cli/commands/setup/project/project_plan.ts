/** What `init` and `init --undo` would change in the files around the configuration. */

import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Environment } from "../../../../base/environment.ts";
import { shortList } from "../../../../base/text.ts";
import { foldersUpwards } from "../../../../base/walk_up.ts";
import { readText, removeText, writeText } from "../../../files/text_file.ts";
import { scriptsToWrap, unwrapScripts, wrapScripts } from "./bun_scripts.ts";
import { findUnfed, type Unfed } from "./adapters.ts";
import { addPreload, PRELOAD, removePreload } from "./bunfig_toml.ts";
import type { Edit } from "./edit.ts";
import { addAttributes, removeAttributes } from "./git_attributes.ts";
import { twinText } from "../../../../format/describe/text.ts";
import { twinKind, twinPath } from "../../../../store/twin.ts";
import {
  addScanner,
  isScannerText,
  removeScanner,
  SCANNER_FILE,
  scannerText,
} from "./install_scanner.ts";
import { lineDiff } from "./line_diff.ts";
import { addScripts, parseManifest, removeScripts } from "./manifest.ts";
import { addToTurbo, nxNote, nxTargets, removeFromTurbo } from "./task_caches.ts";
import { filesBeside } from "../../../files/files_beside.ts";
import { styleOfSources } from "../../../files/source_style.ts";
import type { Project } from "./project.ts";
import { workspaceFolders } from "./workspaces.ts";

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

/** What the user may ask for, beyond what is always added. */
export interface Wishes {
  /** A text twin beside the file. */
  readonly twin: boolean;
  /** An install script for a package that is published, too. */
  readonly postinstall: boolean;
  /** Scripts that run Bun through `bun-config exec`. */
  readonly wrap: boolean;
  /** A scanner for a bare `bun install`. */
  readonly gate: boolean;
}

/** Plans the additions. Reads; writes nothing. */
export function planAdditions(
  project: Project,
  { twin, postinstall, wrap, gate }: Wishes,
  env: Environment,
): Plan {
  const { folder, manifestPath, bunfigPath, attributesPath, name } = project;
  const manifest = readText(manifestPath);
  const attributes = planEdit(attributesPath, (text) => addAttributes(text, name, twin));
  if (manifest === undefined) {
    const note = `There is no ${manifestPath}: no script and no preload was added.`;
    return joinPlans([{ changes: [], notes: [note] }, attributes]);
  }
  const dependencies = parseManifest(manifest)?.dependencies;
  const isDependency = dependencies !== undefined && "immuconfig" in dependencies;
  const preloads = isDependency && !isPlugAndPlay(folder);
  const bunfig = planEdit(bunfigPath, (text) => {
    const one = preloads ? addPreload(text, preloadPath(folder)) : { text, notes: [] };
    const two = gate ? addScanner(one.text) : one;
    return { text: two.text, notes: gate ? [...one.notes, ...two.notes] : one.notes };
  });
  const scanner = gate ? planScanner(project) : { changes: [], notes: [] };
  const left = preloads ? [] : [isDependency ? NO_FILE : NO_PRELOAD];
  const unwrapped = wrap ? [] : scriptsToWrap(manifest);
  const offer = `feature("NAME") is false in ${unwrapped.join(", ")}, which run${unwrapped.length === 1 ? "s" : ""} Bun without the flags: \`bun-config init --wrap\` lets them get the flags from the record.`;
  const scripts = planEdit(manifestPath, (text) =>
    chain(text, (first) => addScripts(first, postinstall), wrap ? wrapScripts : undefined),
  );
  const offers = {
    changes: [],
    notes: [
      ...(unwrapped.length === 0 ? [] : [offer]),
      ...workspaceScriptNotes(folder),
      ...findUnfed(project, env).map(unfedNote),
      ...lockNotes(folder, scripts),
    ],
  };
  return joinPlans([
    scripts,
    offers,
    bunfig,
    { changes: [], notes: left },
    scanner,
    attributes,
    planCaches(project),
  ]);
}

/** Plans to take the additions away. Reads; writes nothing. */
export function planRemovals(project: Project): Plan {
  const { folder, manifestPath, bunfigPath, attributesPath, turboPath, name } = project;
  const scripts = planEdit(manifestPath, (text) => chain(text, removeScripts, unwrapScripts));
  return joinPlans([
    scripts,
    { changes: [], notes: lockNotes(folder, scripts) },
    planEdit(bunfigPath, (text) => {
      const one = removeScanner(text);
      const two = removePreload(one.text);
      return { text: two.text, notes: [...one.notes, ...two.notes] };
    }),
    planEdit(join(folder, SCANNER_FILE), (text) => ({
      text: isScannerText(text ?? "") ? undefined : text,
      notes: [],
    })),
    planEdit(attributesPath, (text) => removeAttributes(text, name)),
    planEdit(turboPath, (text) => removeFromTurbo(text, name)),
  ]);
}

/** What a package's script finds by its name is its package manager's matter, so they are told alone. */
function workspaceScriptNotes(folder: string): string[] {
  const scripts = workspaceFolders(folder).flatMap((path) =>
    scriptsToWrap(readText(join(path, "package.json")) ?? "").map(
      (script) => `${relative(folder, path)}: ${script}`,
    ),
  );
  if (scripts.length === 0) return [];
  return [
    `feature("NAME") is false in ${shortList(scripts)}, which run${scripts.length === 1 ? "s" : ""} Bun without the flags: put \`bun-config exec -- \` in front there.`,
  ];
}

function unfedNote({ bundlers, hint }: Unfed): string {
  return `What ${bundlers.join(", ")} builds gets the flags by an adapter: ${hint}`;
}

/** The file that Bun asks; one of the user's own of that name stays. */
function planScanner({ folder, path }: Project): Plan {
  const { changes, notes } = planEdit(join(folder, SCANNER_FILE), (text) => ({
    text: text ?? scannerText(styleOfSources(filesBeside(path))),
    notes: text === undefined || isScannerText(text) ? [] : ["It is there already, and stays."],
  }));
  const more =
    "bunfig.toml says more than the record lists now: bun-config lock, where it has a list.";
  return { changes, notes: [...notes, ...(changes.length === 0 ? [] : [more])] };
}

/** Bun's binary lockfile holds the project's own install scripts, and a frozen install compares them. */
function lockNotes(folder: string, { changes }: Plan): string[] {
  const [change] = changes;
  const isBinary = existsSync(join(folder, "bun.lockb")) && !existsSync(join(folder, "bun.lock"));
  if (change === undefined || !isBinary) return [];
  const [before, after] = [change.before, change.after].map(
    (text) => parseManifest(text ?? "")?.scripts?.["postinstall"],
  );
  return before === after ? [] : [LOCK_NOTE];
}

const LOCK_NOTE =
  "bun.lockb holds the project's install scripts, too: run `bun install` once and commit it, or a " +
  "--frozen-lockfile install refuses it. (A text bun.lock does not: `bun install --save-text-lockfile`.)";

/** A flip has to reach what a runner keeps. */
function planCaches({ folder, turboPath, name }: Project): Plan {
  const nx = readText(join(folder, "nx.json"));
  const kept = nx === undefined ? [] : nxTargets(nx, name).kept;
  const notes = kept.length === 0 ? [] : [nxNote(name, kept)];
  const turbo = planEdit(turboPath, (text) => addToTurbo(text, name));
  return joinPlans([turbo, { changes: [], notes }]);
}

/** Two edits of one text that is there. */
function chain(
  text: string | undefined,
  first: (text: string) => Edit,
  second: ((text: string) => Edit) | undefined,
): Edit {
  if (text === undefined) return { text, notes: [] };
  const one = first(text);
  if (one.text === undefined || second === undefined) return one;
  const two = second(one.text);
  return { text: two.text, notes: [...one.notes, ...two.notes] };
}

/** Where the package is from the folder: its own, or a folder's above, as in a workspace. */
export function preloadPath(folder: string): string {
  for (const above of foldersUpwards(folder)) {
    if (!existsSync(join(above, "node_modules", "immuconfig"))) continue;
    const up = relative(folder, above).split(sep).join("/");
    return up === "" ? PRELOAD : `${up}/${PRELOAD.slice(2)}`;
  }
  return PRELOAD;
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

/** Carries out a plan that nobody has to be asked about. */
export async function applyPlan({ changes }: Plan): Promise<void> {
  for (const change of changes) await applyChange(change);
}

const NO_PRELOAD =
  "The preload was left out: with it, no program starts where immuconfig is not installed, and it " +
  "is not in dependencies. For Bun.config, run `bun add immuconfig` and init again.";

const NO_FILE =
  "The preload was left out: Yarn's Plug'n'Play lays no file of a package where Bun could find it. " +
  '`import { config } from "immuconfig"` needs none.';

function isPlugAndPlay(folder: string): boolean {
  return [...foldersUpwards(folder)].some((above) => existsSync(join(above, ".pnp.cjs")));
}

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
  // Written again now, it would look settled, and the other side's changes would be lost.
  if (/^<{7} /m.test(before ?? "")) {
    return {
      changes: [],
      notes: [`${twin} is in an open merge: end it with \`bun-config resolve\`.`],
    };
  }
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
