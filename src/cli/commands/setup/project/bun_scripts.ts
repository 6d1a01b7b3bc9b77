/** The scripts of package.json that run Bun: which can take their flags from the record. Pure. */

import { isFlagName } from "../../../../format/flags.ts";
import type { Edit } from "./edit.ts";
import { editMembers } from "./json_text.ts";
import { checkedScripts, parseManifest, type Scripts } from "./manifest.ts";

/** The second blank tells ours from what people write, so that it can be taken away again. */
const WRAPPER = "bun-config exec --  ";

/** Words after `bun` that run no code of the project's. */
const OTHER_WORDS = new Set(
  "a add audit c check create exec fmt i info init install link lint outdated patch patch-commit pm publish remove repl rm unlink up update upgrade why x".split(
    " ",
  ),
);

/** Signs of a shell: more than one command, or words that are not what they seem. */
const SHELL_SIGNS = /[;&|<>()`$#\n\\]/;

/** Variables in front of a script's program: the wrapper, which hands them on, comes behind them. */
const VARIABLES = /^\s*(?:(?:cross-)?env\s+)?(?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"'])*\s+)*/;

function variablesOf(script: string): string {
  return VARIABLES.exec(script)?.[0] ?? "";
}

/** Whether a script runs one program by Bun, and so has `feature()` when it is wrapped. */
function isBunProgram(script: string, scripts: Scripts): boolean {
  if (SHELL_SIGNS.test(script)) return false;
  const [program, ...words] = script.slice(variablesOf(script).length).trimEnd().split(/\s+/);
  if (program !== "bun") return false;
  const [word, target = ""] = words.filter((candidate) => !candidate.startsWith("-"));
  if (word === undefined || OTHER_WORDS.has(word)) return false;
  if (word === "build" || word === "test") return true;
  // Another script is wrapped itself.
  return !Object.hasOwn(scripts, word === "run" ? target : word);
}

/** The names of the scripts that {@link wrapScripts} would change. */
export function scriptsToWrap(text: string): string[] {
  const scripts = parseManifest(text)?.scripts ?? {};
  return Object.entries(scripts).flatMap(([name, script]) =>
    typeof script === "string" && isBunProgram(script, scripts) ? [name] : [],
  );
}

/** Has the scripts that run Bun get their flags from the record. */
export function wrapScripts(text: string): Edit {
  const names = new Set(scriptsToWrap(text));
  return editScripts(text, (name, rest) => (names.has(name) ? WRAPPER + rest : rest));
}

/** Takes the wrappers away. */
export function unwrapScripts(text: string): Edit {
  return editScripts(text, (_, rest) =>
    rest.startsWith(WRAPPER) ? rest.slice(WRAPPER.length) : rest,
  );
}

/** @param edit what stands behind a script's variables */
function editScripts(text: string, edit: (name: string, rest: string) => string): Edit {
  const scripts = parseManifest(text)?.scripts ?? {};
  const wanted: Record<string, unknown> = { ...scripts };
  const edited = editMembers(text, ["scripts"], (name, old) => {
    const script = scripts[name];
    if (typeof script !== "string") return old;
    const variables = variablesOf(script);
    const rest = script.slice(variables.length);
    const after = edit(name, rest);
    if (after === rest) return old;
    wanted[name] = variables + after;
    const head = jsonHead(old, variables.length);
    const tail = old.slice(head.length);
    return head + (after.length > rest.length ? WRAPPER + tail : tail.slice(WRAPPER.length));
  });
  return checkedScripts(text, edited, wanted, []);
}

/** The beginning of a string of JSON, with its quote, as it is spelled. */
function jsonHead(json: string, length: number): string {
  return new RegExp(String.raw`^"(?:\\u.{4}|\\.|[^\\]){${length}}`).exec(json)?.[0] ?? "";
}

/** A flag that scripts hand to Bun by `--feature`. */
export interface ScriptFlag {
  readonly name: string;
  /** The scripts that name it. */
  readonly scripts: readonly string[];
  /** Every script that hands flags on has it. */
  readonly everywhere: boolean;
}

const FEATURE_OPTION = /(?:^|\s)--feature(?:=|\s+)(["']?)([^\s"']+)\1/g;

/** The flags that the scripts name, in the order in which they come. */
export function scriptFlags(scripts: Scripts): ScriptFlag[] {
  const byName = new Map<string, Set<string>>();
  const holders = new Set<string>();
  for (const [script, text] of Object.entries(scripts)) {
    if (typeof text !== "string") continue;
    for (const [, , name = ""] of text.matchAll(FEATURE_OPTION)) {
      if (!isFlagName(name)) continue;
      holders.add(script);
      byName.set(name, (byName.get(name) ?? new Set()).add(script));
    }
  }
  return Array.from(byName, ([name, names]) => ({
    name,
    scripts: [...names],
    everywhere: names.size === holders.size,
  }));
}
