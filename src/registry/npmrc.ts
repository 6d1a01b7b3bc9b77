/**
 * The registries that a `.npmrc` names, read as Bun 1.4.5 reads it. What Bun and npm could take for
 * different things is refused, so that nobody is told of a registry that is not asked.
 */

import { type Environment, variableOf } from "../base/environment.ts";
import { valueError } from "../base/errors.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";
import { quote } from "../base/text.ts";
import { DEFAULT_SCOPE } from "../format/meta.ts";

/** By scope, `default` or `@scope`; an empty text hides what other sources say. */
export type NamedRegistries = ReadonlyMap<string, string>;

const REGISTRY_KEY = /^(?:(@[^:/]+):)?registry$/;
/** At the start of its line: behind a blank, Bun takes it for a name. */
const SECTION = /^\[[^\]]*\]\s*$/;
const NOT_TEXT: ReadonlySet<string> = new Set(["true", "false", "null"]);

/**
 * @param env for `${NAME}`
 * @param file for messages
 * @throws ImmuconfigError `ERR_VALUE` for a line about a registry that has no one meaning
 * @example parseNpmrc("@acme:registry=https://npm.acme.test", {}, ".npmrc")
 */
export function parseNpmrc(text: string, env: Environment, file: string): NamedRegistries {
  if (text.length > SETTINGS_FILE_SIZE_MAX) throw valueError(`${file} is too long to be read`);
  const registries = new Map<string, string>();
  const lines = text.replace(/^\ufeff/, "").split("\n");
  for (const [i, line] of lines.entries()) {
    const trimmed = line.trim();
    // A section's settings are not the top level's, and nothing leads back to that.
    if (SECTION.test(line)) break;
    if (trimmed === "" || trimmed.startsWith(";") || trimmed.startsWith("#")) continue;
    const where = `${file}:${i + 1}`;
    const equals = trimmed.indexOf("=");
    const key = keyOf(equals === -1 ? trimmed : trimmed.slice(0, equals), where);
    const scope = REGISTRY_KEY.exec(key);
    if (scope === null) continue;
    // Bun takes that for no text, and asks its default.
    if (equals === -1) throw unclear(where, trimmed);
    const value = valueOf(trimmed.slice(equals + 1).trim(), env, where);
    if (value !== undefined) registries.set(scope[1] ?? DEFAULT_SCOPE, value);
  }
  return registries;
}

function keyOf(written: string, where: string): string {
  const key = unquoted(written.trim());
  // An escape, or npm's form of a list, could spell the word in ways that parsers differ about.
  const isUnclear = /[\\\r]|\[\]$/.test(key) && /registry/i.test(key.replaceAll("\\", ""));
  // Nor does Bun read on at what begins a comment, and it takes the value all the same.
  const cut = unquoted((/^[^;#]*/.exec(key)?.[0] ?? "").trim());
  const isCut = cut !== key && REGISTRY_KEY.test(cut);
  if (isUnclear || isCut) throw unclear(where, key);
  return key;
}

/** @returns undefined for a value that is no text */
function valueOf(written: string, env: Environment, where: string): string | undefined {
  if (/[\\\r]/.test(written)) throw unclear(where, written);
  if (NOT_TEXT.has(written)) return undefined;
  const bare = unquoted(written);
  const isQuoted = bare !== written;
  const value = isQuoted ? bare : (/^[^;#]*/.exec(bare)?.[0] ?? "").trim();
  if (isQuoted && /["']/.test(value)) throw unclear(where, written);
  return value.replace(/\$\{([^${}]*)\}/g, (whole, name: string) => {
    if (!name.endsWith("?")) return variableOf(env, name) ?? whole;
    return variableOf(env, name.slice(0, -1)) ?? "";
  });
}

function unquoted(text: string): string {
  const first = text[0];
  const isQuoted = (first === '"' || first === "'") && text.length >= 2 && text.endsWith(first);
  return isQuoted ? text.slice(1, -1) : text;
}

function unclear(where: string, text: string): Error {
  return valueError(
    `${where}: ${quote(text)} can be read in several ways`,
    "Write registry=URL, without escapes.",
  );
}
