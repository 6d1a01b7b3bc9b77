/** Our scripts in package.json. Pure. */

import { isObject } from "../../../../base/json.ts";
import type { Edit } from "./edit.ts";
import { readMember, removeMember, setMember } from "./json_text.ts";

const CONFIG_SCRIPT = "bun-config";
/**
 * Does nothing where immuconfig is not installed, as after an install without development
 * dependencies. Where there is no Node, Bun runs the scripts that say `node`.
 */
export const POSTINSTALL_SCRIPT =
  "node -e \"import('immuconfig/postinstall').catch(e=>{if(e.code!=='ERR_MODULE_NOT_FOUND')throw e})\"";

const CONFIG = ["scripts", "config"];
const POSTINSTALL = ["scripts", "postinstall"];
/** The script as it stands inside a JSON string. */
const POSTINSTALL_TEXT = JSON.stringify(POSTINSTALL_SCRIPT).slice(1, -1);
const JOIN = " && ";

export interface Manifest {
  readonly scripts: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, unknown>>;
}

/** @returns undefined when the text is not a JSON object */
export function parseManifest(text: string): Manifest | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const { scripts = {}, dependencies = {} } = value;
  return isObject(scripts) && isObject(dependencies) ? { scripts, dependencies } : undefined;
}

/** Adds the scripts `config` and `postinstall`, behind what `postinstall` does already. */
export function addScripts(text: string | undefined): Edit {
  if (text === undefined) return { text, notes: [] };
  const manifest = parseManifest(text);
  if (manifest === undefined) return byHand(text);
  const { config, postinstall } = manifest.scripts;
  if (postinstall !== undefined && typeof postinstall !== "string") return byHand(text);
  const notes: string[] = [];
  let edited =
    readMember(text, ["scripts"]) === undefined ? setMember(text, ["scripts"], "{}") : text;
  if (config === undefined) {
    edited = setMember(edited, CONFIG, JSON.stringify(CONFIG_SCRIPT));
  } else if (config !== CONFIG_SCRIPT) {
    notes.push(
      `The script "config" does something else and stays; \`bun x bun-config\` works as well.`,
    );
  }
  if (!runsPostinstall(postinstall)) {
    const old = isBlank(postinstall) ? undefined : readMember(edited, POSTINSTALL)?.slice(1, -1);
    const joined = old === undefined ? POSTINSTALL_TEXT : old + JOIN + POSTINSTALL_TEXT;
    edited = setMember(edited, POSTINSTALL, `"${joined}"`);
  }
  const wanted = {
    ...manifest.scripts,
    config: config ?? CONFIG_SCRIPT,
    postinstall: joinedScript(postinstall),
  };
  return checked(text, edited, wanted, notes);
}

/** Takes away what {@link addScripts} added, and nothing else. */
export function removeScripts(text: string | undefined): Edit {
  if (text === undefined) return { text, notes: [] };
  const manifest = parseManifest(text);
  if (manifest === undefined) return byHand(text);
  const { config, postinstall, ...others } = manifest.scripts;
  const wanted: Record<string, unknown> = { ...others };
  const notes: string[] = [];
  let edited = text;
  if (config === CONFIG_SCRIPT) edited = removeMember(edited, CONFIG);
  else if (config !== undefined) wanted["config"] = config;
  if (postinstall === POSTINSTALL_SCRIPT) {
    edited = removeMember(edited, POSTINSTALL);
  } else if (typeof postinstall === "string") {
    const old = readMember(edited, POSTINSTALL) ?? "";
    const tail = `${JOIN}${POSTINSTALL_TEXT}"`;
    const isLast = old.endsWith(tail);
    if (isLast) edited = setMember(edited, POSTINSTALL, `${old.slice(0, -tail.length)}"`);
    else if (runsPostinstall(postinstall))
      notes.push('Take our part out of the script "postinstall".');
    wanted["postinstall"] = isLast
      ? postinstall.slice(0, -(JOIN.length + POSTINSTALL_SCRIPT.length))
      : postinstall;
  }
  const isEmptied = edited !== text && Object.keys(wanted).length === 0;
  if (isEmptied) edited = removeMember(edited, ["scripts"]);
  return checked(text, edited, isEmptied ? undefined : wanted, notes);
}

/** Whether a script runs our part, in whatever words. */
export function runsPostinstall(script: unknown): boolean {
  return typeof script === "string" && script.includes("immuconfig/postinstall");
}

function joinedScript(postinstall: string | undefined): string {
  if (postinstall === undefined || isBlank(postinstall)) return POSTINSTALL_SCRIPT;
  return runsPostinstall(postinstall) ? postinstall : postinstall + JOIN + POSTINSTALL_SCRIPT;
}

function isBlank(script: string | undefined): boolean {
  return (script ?? "").trim() === "";
}

/** The edited text, once it is sure that nothing but the scripts changed. */
function checked(
  text: string,
  edited: string,
  scripts: Readonly<Record<string, unknown>> | undefined,
  notes: readonly string[],
): Edit {
  if (edited === text) return { text, notes };
  const { scripts: _, ...others } = parseObject(text) ?? {};
  const wanted = scripts === undefined ? others : { ...others, scripts };
  return Bun.deepEquals(parseObject(edited), wanted, true) ? { text: edited, notes } : byHand(text);
}

function byHand(text: string): Edit {
  const script = JSON.stringify(POSTINSTALL_SCRIPT);
  const notes = [
    `It cannot be edited safely. The scripts are "config": "${CONFIG_SCRIPT}" and "postinstall": ${script}`,
  ];
  return { text, notes };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ""));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
