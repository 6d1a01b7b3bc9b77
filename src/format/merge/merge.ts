/** Three-way merge of whole files (docs/git.md). Pure. */

import { FormatError } from "../../base/errors.ts";
import { GENERATION_MAX } from "../../base/limits.ts";
import type { Section } from "../body.ts";
import { changeText, describeChanges } from "../describe/changes.ts";
import { GENERATION_FACT, payloadText, registryText, signatureText } from "../describe/facts.ts";
import { type File, decodeUnverified, encodeFile, registryUrl } from "../file.ts";
import { mergeFlags, type MergedFlags } from "./merge_flags.ts";
import { DEFAULT_SCOPE, type Meta } from "../meta.ts";
import {
  joinPackages,
  joinSets,
  mapVersions,
  type MergeConflict,
  pick,
  pickMembers,
  settle,
  type Settlement,
  SIDES,
  type Versions,
} from "./three_way.ts";

export interface Merge {
  /** All that joins; ours stands in for what is in conflict. */
  readonly file: File;
  /** What is open, in the order of the fields; nothing where the merge is whole. */
  readonly conflicts: readonly MergeConflict[];
  /** What was decided and may surprise; one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Joins two files that came from one: fields, flags, registries, packages and sections each for
 * itself. The result has the higher generation plus one and no signature. While a signature, a
 * freeze or a limit stands against the whole of it, the file is ours as it was.
 *
 * @param base the common ancestor; undefined when both sides created the file
 * @param choose settles conflicts; by default all stay open
 * @example
 * const { file, conflicts } = mergeFiles(base, ours, theirs);
 * if (conflicts.length > 0) console.error(conflicts);
 */
export function mergeFiles(
  base: File | undefined,
  ours: File,
  theirs: File,
  choose: Settlement["choose"] = () => undefined,
): Merge {
  const versions: Versions<File> = { base, ours, theirs };
  const settlement: Settlement = { choose, open: [] };
  const notes: string[] = [];
  const joined = joinFields(versions, settlement, notes);
  const steps = [settleFrozen, settleSignature, settleLimits];
  const file = steps.reduce((current, step) => step(versions, current, settlement), joined);
  return { file, conflicts: settlement.open, notes };
}

/**
 * An open merge in words: what a driver says.
 *
 * @param label the file's name
 */
export function conflictText(label: string, conflicts: readonly MergeConflict[]): string {
  return [
    `${label}: all that joins is joined; ours stands in for`,
    ...conflictLines(conflicts),
    "  Settle it with `bun-config resolve`.",
  ].join("\n");
}

/** Each open conflict as a line. */
export function conflictLines(conflicts: readonly MergeConflict[]): string[] {
  return conflicts.map(({ field, ours, theirs }) => `  ${field}: ours ${ours}, theirs ${theirs}`);
}

function joinFields(versions: Versions<File>, settlement: Settlement, notes: string[]): File {
  const field = <T>(name: string, read: (file: File) => T): T =>
    pick(settlement, name, mapVersions(versions, read));
  const version = field("version", (file) => file.record.version);
  const registry = pick(
    settlement,
    "registry",
    mapVersions(versions, (file) => ({ hash: file.record.registryHash, url: registryUrl(file) })),
    ({ hash, url }) => registryText(hash, url),
  );
  const flags = mergeFlags(versions, settlement, notes);
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
    meta: joinMeta(versions, registry.url, flags, settlement),
    extensions: joinExtensions(versions, settlement),
  };
}

function joinMeta(
  versions: Versions<File>,
  url: string | undefined,
  flags: MergedFlags,
  settlement: Settlement,
): Meta {
  const metas = mapVersions(versions, (file) => file.meta);
  const field = <T>(name: string, read: (meta: Meta) => T): T =>
    pick(settlement, name, mapVersions(metas, read));
  const scopes = pickMembers(
    settlement,
    (scope) => `registry.${scope}`,
    mapVersions(metas, scopedRegistries),
  );
  const registries = { ...(url === undefined ? {} : { [DEFAULT_SCOPE]: url }), ...scopes };
  const project = field("project", (meta) => meta.project);
  const minimum = field("bun.minimum", (meta) => meta.bun?.minimum);
  const names = (key: "audience" | "keys"): readonly string[] | undefined =>
    pick(
      settlement,
      `signed.${key}`,
      mapVersions(metas, (meta) => meta.signed?.[key]),
      (list) => list.join(" "),
    );
  const audience = names("audience");
  const keys = names("keys");
  const expires = field("signed.expires", (meta) => meta.signed?.expires);
  const signed = {
    ...(audience === undefined ? {} : { audience }),
    ...(expires === undefined ? {} : { expires }),
    ...(keys === undefined ? {} : { keys }),
  };
  // Who may switch flags is one decision: two lists are not mixed.
  const online = pick(
    settlement,
    "online",
    mapVersions(metas, (meta) => meta.online),
    (list) => list.join(" "),
  );
  const unsigned = joinSets(mapVersions(metas, (meta) => meta.upgrade?.unsigned ?? []));
  return {
    ...(project === undefined ? {} : { project }),
    ...(Object.keys(registries).length === 0 ? {} : { registries }),
    ...(Object.keys(flags.meta).length === 0 ? {} : { flags: flags.meta }),
    ...(minimum === undefined ? {} : { bun: { minimum } }),
    ...(online === undefined ? {} : { online }),
    ...(Object.keys(signed).length === 0 ? {} : { signed }),
    ...(unsigned.length === 0 ? {} : { upgrade: { unsigned } }),
  };
}

function scopedRegistries({ registries = {} }: Meta): Record<string, string> {
  return Object.fromEntries(Object.entries(registries).filter(([key]) => key !== DEFAULT_SCOPE));
}

/** Nobody here knows what these sections mean, so they are never mixed. */
function joinExtensions(versions: Versions<File>, settlement: Settlement): Section[] {
  const byTag = mapVersions(
    versions,
    ({ extensions }) => new Map(extensions.map((section) => [section.tag, section])),
  );
  return [...new Set([...byTag.ours.keys(), ...byTag.theirs.keys()])].toSorted().flatMap((tag) => {
    const section = pick<Section | undefined>(
      settlement,
      `section.${tag}`,
      mapVersions(byTag, (sections) => sections.get(tag)),
      ({ payload }) => payloadText(payload),
    );
    return section === undefined ? [] : [section];
  });
}

/** What one side froze cannot be changed by the other. */
function settleFrozen({ base, ours, theirs }: Versions<File>, file: File, settlement: Settlement) {
  const asItIs = (side: File) => ({ ...side, generation: file.generation, signature: null });
  const addedToOurs = froze(base, ours) ? contentChanges(ours, file) : "";
  if (addedToOurs !== "") {
    const conflict = { field: "frozen", ours: "frozen", theirs: addedToOurs };
    return settle(settlement, conflict, SIDES) === "theirs" ? file : asItIs(ours);
  }
  const addedToTheirs = froze(base, theirs) ? contentChanges(theirs, file) : "";
  if (addedToTheirs === "") return file;
  const conflict = { field: "frozen", ours: addedToTheirs, theirs: "frozen" };
  return settle(settlement, conflict, SIDES) === "theirs" ? asItIs(theirs) : file;
}

/** A joined file is a new one, which only the holder of the key can sign. */
function settleSignature({ ours, theirs }: Versions<File>, file: File, settlement: Settlement) {
  if (ours.signature === null && theirs.signature === null) return file;
  const conflict = {
    field: "signature",
    ours: signatureText(ours),
    theirs: signatureText(theirs),
  };
  // Either choice means the joined file, to be signed anew.
  return settle(settlement, conflict, SIDES) === undefined ? ours : file;
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
function settleLimits({ ours, theirs }: Versions<File>, file: File, settlement: Settlement): File {
  const conflict = limitConflict({ ours, theirs }, file);
  if (conflict === undefined) return file;
  return settle(settlement, conflict, SIDES) === "theirs" ? theirs : ours;
}

function limitConflict(
  { ours, theirs }: Pick<Versions<File>, "ours" | "theirs">,
  file: File,
): MergeConflict | undefined {
  if (file.generation > GENERATION_MAX) {
    return { field: "generation", ours: `${ours.generation}`, theirs: `${theirs.generation}` };
  }
  try {
    decodeUnverified(encodeFile(file));
    return undefined;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const { field, expected, found } = error.fault;
    const both = `together ${found}, allowed ${expected}`;
    return { field, ours: both, theirs: both };
  }
}
