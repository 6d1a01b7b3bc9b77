/** Three-way merge of whole files (docs/git.md). Pure. */

import { FormatError } from "../../base/errors.ts";
import { GENERATION_MAX } from "../../base/limits.ts";
import type { Section } from "../body.ts";
import { changeText, describeChanges } from "../describe/changes.ts";
import { GENERATION_FACT, payloadText, registryText, signatureText } from "../describe/facts.ts";
import { type File, decodeFile, encodeFile, registryUrl } from "../file.ts";
import { mergeFlags, type MergedFlags } from "./merge_flags.ts";
import { DEFAULT_SCOPE, type Meta } from "../meta.ts";
import {
  joinPackages,
  joinSets,
  mapVersions,
  type MergeConflict,
  pick,
  pickMembers,
  type Versions,
} from "./three_way.ts";

export interface Merge {
  /** undefined when there is a conflict. */
  readonly file: File | undefined;
  /** In the order of the fields. */
  readonly conflicts: readonly MergeConflict[];
  /** What was decided and may surprise; one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Joins two files that came from one: fields, flags, registries, packages and sections each for
 * itself. The result has the higher generation plus one and no signature.
 *
 * @param base the common ancestor; undefined when both sides created the file
 * @example
 * const { file, conflicts } = mergeFiles(base, ours, theirs);
 * if (file === undefined) console.error(conflicts);
 */
export function mergeFiles(base: File | undefined, ours: File, theirs: File): Merge {
  const versions: Versions<File> = { base, ours, theirs };
  const conflicts: MergeConflict[] = [];
  const notes: string[] = [];
  const file = joinFields(versions, conflicts, notes);
  if (conflicts.length === 0) {
    conflicts.push(
      ...signatureConflicts(versions),
      ...frozenConflicts(versions, file),
      ...limitConflicts(versions, file),
    );
  }
  return { file: conflicts.length === 0 ? file : undefined, conflicts, notes };
}

function joinFields(versions: Versions<File>, conflicts: MergeConflict[], notes: string[]): File {
  const field = <T>(name: string, read: (file: File) => T): T =>
    pick(conflicts, name, mapVersions(versions, read));
  const version = field("version", (file) => file.record.version);
  const registry = pick(
    conflicts,
    "registry",
    mapVersions(versions, (file) => ({ hash: file.record.registryHash, url: registryUrl(file) })),
    ({ hash, url }) => registryText(hash, url),
  );
  const flags = mergeFlags(versions, conflicts, notes);
  return {
    record: {
      version,
      registryHash: registry.hash,
      featureFlags: flags.featureFlags,
      terminalMode: field("terminal.mode", (file) => file.record.terminalMode),
      rows: field("terminal.rows", (file) => file.record.rows),
      cols: field("terminal.cols", (file) => file.record.cols),
    },
    generation: Math.max(versions.ours.generation, versions.theirs.generation) + 1,
    frozen: field("frozen", (file) => file.frozen),
    signature: null,
    packages: joinPackages(mapVersions(versions, (file) => file.packages)),
    flags: flags.flags,
    meta: joinMeta(versions, registry.url, flags, conflicts),
    extensions: joinExtensions(versions, conflicts),
  };
}

function joinMeta(
  versions: Versions<File>,
  url: string | undefined,
  flags: MergedFlags,
  conflicts: MergeConflict[],
): Meta {
  const metas = mapVersions(versions, (file) => file.meta);
  const field = <T>(name: string, read: (meta: Meta) => T): T =>
    pick(conflicts, name, mapVersions(metas, read));
  const scopes = pickMembers(
    conflicts,
    (scope) => `registry.${scope}`,
    mapVersions(metas, scopedRegistries),
  );
  const registries = { ...(url === undefined ? {} : { [DEFAULT_SCOPE]: url }), ...scopes };
  const project = field("project", (meta) => meta.project);
  const minimum = field("bun.minimum", (meta) => meta.bun?.minimum);
  const unsigned = joinSets(mapVersions(metas, (meta) => meta.upgrade?.unsigned ?? []));
  return {
    ...(project === undefined ? {} : { project }),
    ...(Object.keys(registries).length === 0 ? {} : { registries }),
    ...(Object.keys(flags.meta).length === 0 ? {} : { flags: flags.meta }),
    ...(minimum === undefined ? {} : { bun: { minimum } }),
    ...(unsigned.length === 0 ? {} : { upgrade: { unsigned } }),
  };
}

function scopedRegistries({ registries = {} }: Meta): Record<string, string> {
  return Object.fromEntries(Object.entries(registries).filter(([key]) => key !== DEFAULT_SCOPE));
}

/** Nobody here knows what these sections mean, so they are never mixed. */
function joinExtensions(versions: Versions<File>, conflicts: MergeConflict[]): Section[] {
  const byTag = mapVersions(
    versions,
    ({ extensions }) => new Map(extensions.map((section) => [section.tag, section])),
  );
  return [...new Set([...byTag.ours.keys(), ...byTag.theirs.keys()])].toSorted().flatMap((tag) => {
    const section = pick<Section | undefined>(
      conflicts,
      `section.${tag}`,
      mapVersions(byTag, (sections) => sections.get(tag)),
      ({ payload }) => payloadText(payload),
    );
    return section === undefined ? [] : [section];
  });
}

/** A joined file is a new one, which only the holder of the key can sign. */
function signatureConflicts({ ours, theirs }: Versions<File>): MergeConflict[] {
  if (ours.signature === null && theirs.signature === null) return [];
  return [{ field: "signature", ours: signatureText(ours), theirs: signatureText(theirs) }];
}

/** What one side froze cannot be changed by the other. */
function frozenConflicts({ base, ours, theirs }: Versions<File>, file: File): MergeConflict[] {
  if (froze(base, ours)) {
    const added = contentChanges(ours, file);
    if (added !== "") return [{ field: "frozen", ours: "frozen", theirs: added }];
  }
  if (froze(base, theirs)) {
    const added = contentChanges(theirs, file);
    if (added !== "") return [{ field: "frozen", ours: added, theirs: "frozen" }];
  }
  return [];
}

/** A side that is as frozen as it was in the ancestor, and changed nothing, says nothing. */
function froze(base: File | undefined, side: File): boolean {
  return side.frozen && (base === undefined || contentChanges(base, side) !== "");
}

function contentChanges(before: File, after: File): string {
  return describeChanges(before, after)
    .filter(({ field }) => field !== GENERATION_FACT && field !== "signature")
    .map(changeText)
    .join(", ");
}

/** Two files within the limits can be too much together. */
function limitConflicts({ ours, theirs }: Versions<File>, file: File): MergeConflict[] {
  if (file.generation > GENERATION_MAX) {
    const [a, b] = [ours, theirs].map(({ generation }) => `${generation}`);
    return [{ field: "generation", ours: a ?? "", theirs: b ?? "" }];
  }
  try {
    decodeFile(encodeFile(file), () => undefined);
    return [];
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { field, expected, found } = error.fault;
    const both = `together ${found}, allowed ${expected}`;
    return [{ field, ours: both, theirs: both }];
  }
}
