/**
 * Our scripts in package.json. What is added has a form, or an order, that tells what was there
 * before, so that it can be taken away to the byte. Pure.
 */

import { isObject } from "../../../../base/json.ts";
import { parseJsoncObject } from "../../../../base/jsonc.ts";
import { isPublished } from "../../../../base/manifest.ts";
import { isSame } from "../../../../base/same.ts";
import type { Edit } from "./edit.ts";
import { memberNames, readMember, removeMember, setMember } from "./json_text.ts";

const CONFIG_SCRIPT = "bun-config";
/**
 * Does nothing where immuconfig is not installed, as after an install without development
 * dependencies. Where there is no Node, Bun runs the scripts that say `node`.
 */
export const POSTINSTALL_SCRIPT =
  "node -e \"import('immuconfig/postinstall').catch(e=>{if(e.code!=='ERR_MODULE_NOT_FOUND')throw e})\"";

const CONFIG = ["scripts", "config"];
const POSTINSTALL = ["scripts", "postinstall"];
/** Ours is first: the project's own may end in a comment, or in the background. */
const JOIN = " && ";

export type Scripts = Readonly<Record<string, unknown>>;

export interface Manifest {
  readonly scripts: Scripts;
  readonly dependencies: Readonly<Record<string, unknown>>;
  /** Others may install it, and would run its install scripts. */
  readonly isPublished: boolean;
}

/** @returns undefined when the text is not a JSON object, with comments or without */
export function parseManifest(text: string): Manifest | undefined {
  const value = parseJsoncObject(text);
  if (value === undefined) return undefined;
  const { scripts = {}, dependencies = {} } = value;
  if (!isObject(scripts) || !isObject(dependencies)) return undefined;
  return { scripts, dependencies, isPublished: isPublished(value) };
}

/**
 * Adds the scripts `config` and `postinstall`.
 *
 * @param hasPostinstall also for a package that is published
 */
export function addScripts(text: string, hasPostinstall = false): Edit {
  const manifest = parseManifest(text);
  if (manifest === undefined) return byHand(text);
  const { config, postinstall } = manifest.scripts;
  if (postinstall !== undefined && typeof postinstall !== "string") return byHand(text);
  const notes: string[] = [];
  const wanted: Record<string, unknown> = { ...manifest.scripts };
  if (config === undefined) wanted["config"] = CONFIG_SCRIPT;
  else if (config !== CONFIG_SCRIPT) {
    notes.push(
      `The script "config" does something else and stays; \`bun x bun-config\` works as well.`,
    );
  }
  if (manifest.isPublished && !hasPostinstall) {
    notes.push(
      "It can be published, as it is not private, and whoever installs it would run its install script: `postinstall` was left out (`bun-config init --postinstall` adds it).",
    );
  } else if (!runsPostinstall(postinstall)) wanted["postinstall"] = withOurs(postinstall);
  return checkedScripts(text, writeScripts(text, manifest.scripts, wanted), wanted, notes);
}

/** Takes away what {@link addScripts} added, and nothing else. */
export function removeScripts(text: string): Edit {
  const manifest = parseManifest(text);
  if (manifest === undefined) return byHand(text);
  const { config, postinstall, ...others } = manifest.scripts;
  const wanted: Record<string, unknown> = { ...others };
  const notes: string[] = [];
  if (config !== undefined && config !== CONFIG_SCRIPT) wanted["config"] = config;
  const rest = withoutOurs(postinstall);
  if (rest !== undefined) wanted["postinstall"] = rest;
  if (runsPostinstall(rest)) notes.push('Take our part out of the script "postinstall".');
  const isEmptied = Object.keys(wanted).length === 0 && Object.keys(manifest.scripts).length > 0;
  // We write `config` first into scripts that were not there, and last into empty ones.
  const wereThere = memberNames(text, ["scripts"])[0] !== "config";
  if (isEmptied && !wereThere) {
    return checkedScripts(text, removeMember(text, ["scripts"]), undefined, notes);
  }
  return checkedScripts(text, writeScripts(text, manifest.scripts, wanted), wanted, notes);
}

/** Whether a script runs our part, in whatever words. */
export function runsPostinstall(script: unknown): boolean {
  return typeof script === "string" && script.includes("immuconfig/postinstall");
}

/** A blank script stays in front, and says that there was one. */
function withOurs(postinstall: string | undefined): string {
  if (postinstall === undefined) return POSTINSTALL_SCRIPT;
  return isBlank(postinstall)
    ? `${postinstall} ${POSTINSTALL_SCRIPT}`
    : POSTINSTALL_SCRIPT + JOIN + postinstall;
}

function withoutOurs(postinstall: unknown): unknown {
  if (typeof postinstall !== "string" || postinstall === POSTINSTALL_SCRIPT) {
    return postinstall === POSTINSTALL_SCRIPT ? undefined : postinstall;
  }
  const head = POSTINSTALL_SCRIPT + JOIN;
  const tail = JOIN + POSTINSTALL_SCRIPT;
  if (postinstall.startsWith(head)) return postinstall.slice(head.length);
  if (postinstall.endsWith(tail)) return postinstall.slice(0, -tail.length);
  const blank = postinstall.slice(0, -(POSTINSTALL_SCRIPT.length + 1));
  const isOnly = isBlank(blank) && postinstall === `${blank} ${POSTINSTALL_SCRIPT}`;
  return isOnly ? blank : postinstall;
}

function isBlank(script: string): boolean {
  return script.trim() === "";
}

/** Brings the two scripts from one state to another; the text of the project's own part stays. */
function writeScripts(text: string, from: Scripts, to: Scripts): string {
  let edited = text;
  const wereThere = readMember(text, ["scripts"]) !== undefined;
  if (!wereThere && Object.keys(to).length > 0) edited = setMember(edited, ["scripts"], "{}");
  const isEmpty = Object.keys(from).length === 0;
  const order = wereThere && isEmpty ? [POSTINSTALL, CONFIG] : [CONFIG, POSTINSTALL];
  for (const path of order) {
    const [, name = ""] = path;
    const [before, after] = [from[name], to[name]];
    if (before === after) continue;
    if (after === undefined) edited = removeMember(edited, path);
    else edited = setMember(edited, path, scriptText(readMember(text, path), before, after));
  }
  return edited;
}

/** JSON text of a script that had, or gets, the project's own part in its own spelling. */
function scriptText(old: string | undefined, before: unknown, after: unknown): string {
  const head = JSON.stringify(POSTINSTALL_SCRIPT + JOIN).slice(0, -1);
  if (old === undefined || typeof before !== "string" || typeof after !== "string") {
    return JSON.stringify(after);
  }
  if (after.endsWith(before) && after.startsWith(POSTINSTALL_SCRIPT + JOIN)) {
    return head + old.slice(1);
  }
  const isFirst = old.startsWith(head) && before.endsWith(after);
  return isFirst ? `"${old.slice(head.length)}` : JSON.stringify(after);
}

/** The edited text, once it is sure that nothing but the scripts changed. */
export function checkedScripts(
  text: string,
  edited: string,
  scripts: Scripts | undefined,
  notes: readonly string[],
): Edit {
  if (edited === text) return { text, notes };
  const { scripts: _, ...others } = parseJsoncObject(text) ?? {};
  const wanted = scripts === undefined ? others : { ...others, scripts };
  return isSame(parseJsoncObject(edited), wanted) ? { text: edited, notes } : byHand(text);
}

function byHand(text: string): Edit {
  const script = JSON.stringify(POSTINSTALL_SCRIPT);
  const notes = [
    `It cannot be edited safely. The scripts are "config": "${CONFIG_SCRIPT}" and "postinstall": ${script}`,
  ];
  return { text, notes };
}
