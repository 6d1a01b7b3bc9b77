/**
 * The registries of bunfig.toml, edited as text so that comments and layout stay. An edit is believed
 * only when parsing shows that exactly the wanted change happened. Pure.
 */

import { isSame } from "../../../base/same.ts";
import { splice } from "../../../base/text.ts";
import { parseToml } from "../../../base/toml.ts";
import { DEFAULT_SCOPE } from "../../../format/meta.ts";
import { parseBunfigRegistries } from "../../../registry/bunfig_registry.ts";
import { appendLines, insertBelow } from "../setup/project/edit.ts";
import { tomlAt, layoutOfToml } from "../../../base/toml_layout.ts";

const FILE = "bunfig.toml";

/**
 * Sets registries in a bunfig.toml.
 *
 * @param text undefined for a file that is not there
 * @param registries by scope, canonical
 * @returns undefined where it cannot be edited safely
 */
export function withRegistries(
  text: string | undefined,
  registries: Readonly<Record<string, string>>,
): string | undefined {
  let edited = text;
  for (const [scope, url] of Object.entries(registries)) {
    const next = withRegistry(edited, scope, url);
    if (next === undefined || !isExact(edited, next, scope, url)) return undefined;
    edited = next;
  }
  return edited;
}

function withRegistry(text: string | undefined, scope: string, url: string): string | undefined {
  const value = JSON.stringify(url);
  const isDefault = scope === DEFAULT_SCOPE;
  const table = isDefault ? "install" : "install.scopes";
  const line = `${isDefault ? "registry" : JSON.stringify(scope)} = ${value}`;
  if (text === undefined || text.trim() === "") return appendLines(text, [`[${table}]`, line]);
  const layout = layoutOfToml(text);
  if (layout === undefined) return undefined;
  const entry = isDefault
    ? tomlAt(layout.entries, "install", "registry")
    : (tomlAt(layout.entries, "install", "scopes", scope) ??
      tomlAt(layout.entries, "install", "scopes", scope.slice(1)));
  if (entry !== undefined) {
    // An object keeps its token, and gets another URL.
    const { valueStart, valueEnd } = tomlAt(layout.entries, ...entry.path, "url") ?? entry;
    return splice(text, valueStart, valueEnd, value);
  }
  const header = tomlAt(layout.headers, ...table.split("."));
  if (header === undefined) return appendLines(text, ["", `[${table}]`, line]);
  return insertBelow(text, header, line);
}

/** Nothing but the registry of this scope may be another than before. */
function isExact(before: string | undefined, after: string, scope: string, url: string): boolean {
  try {
    const wanted = new Map(parseBunfigRegistries(before ?? "", FILE)).set(scope, url);
    const found = parseBunfigRegistries(after, FILE);
    return (
      isSame(Object.fromEntries(found), Object.fromEntries(wanted)) &&
      isSame(withoutUrls(after), withoutUrls(before ?? ""))
    );
  } catch {
    return false;
  }
}

/** All else that the file says. */
function withoutUrls(text: string): unknown {
  const { install = {}, ...rest } = parseToml(text) as Record<string, unknown>;
  if (typeof install !== "object" || install === null) return { rest, install };
  const { registry, scopes, ...others } = install as Record<string, unknown>;
  const names = Object.entries(typeof scopes === "object" && scopes !== null ? scopes : {});
  names.sort(([a], [b]) => (a < b ? -1 : 1));
  const tokens = [registry, ...names.map(([, value]) => value as unknown)].flatMap((value) => {
    if (typeof value !== "object" || value === null) return [];
    const { url: _, ...kept } = value as Record<string, unknown>;
    return [kept];
  });
  return { rest, others, tokens };
}
