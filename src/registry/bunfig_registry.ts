/** The registries that a `bunfig.toml` names. */

import { ImmuconfigError, valueError } from "../base/errors.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";
import { DEFAULT_SCOPE } from "../format/meta.ts";
import type { NamedRegistries } from "./npmrc.ts";
import { isObject } from "../base/json.ts";
import { parseToml } from "../base/toml.ts";

/**
 * @param file for messages
 * @throws ImmuconfigError `ERR_VALUE` for what is no TOML, or names a registry by something else than
 * a text or an object with `url`; `ERR_UNSUPPORTED` for a text that
 * only Bun understands
 */
export function parseBunfigRegistries(text: string, file: string): NamedRegistries {
  const registries = new Map<string, string>();
  const install = parseBunfig(text, file)["install"];
  if (install === undefined) return registries;
  if (!isObject(install)) throw wrongKind(file, "install");
  if (Object.hasOwn(install, "registry")) {
    registries.set(DEFAULT_SCOPE, urlOf(install["registry"], file, "install.registry"));
  }
  const scopes = Object.hasOwn(install, "scopes") ? install["scopes"] : {};
  if (!isObject(scopes)) throw wrongKind(file, "install.scopes");
  for (const [name, value] of Object.entries(scopes)) {
    const scope = name.startsWith("@") ? name : `@${name}`;
    registries.set(scope, urlOf(value, file, `install.scopes.${name}`));
  }
  return registries;
}

/**
 * The file's tables.
 *
 * @throws ImmuconfigError `ERR_VALUE` for what is no TOML
 */
export function parseBunfig(text: string, file: string): Record<string, unknown> {
  if (text.length > SETTINGS_FILE_SIZE_MAX) throw valueError(`${file} is too long to be read`);
  try {
    const tables: unknown = parseToml(text);
    if (isObject(tables)) return tables;
    throw new Error("it is no table");
  } catch (cause) {
    if (cause instanceof ImmuconfigError) throw cause;
    throw new ImmuconfigError("ERR_VALUE", `${file} is no TOML`, {
      hint: "Fix the file: Bun cannot read it either.",
      cause,
    });
  }
}

/** Without a URL, the setting still hides what weaker sources say. */
function urlOf(value: unknown, file: string, key: string): string {
  if (typeof value === "string") return value;
  if (!isObject(value)) throw wrongKind(file, key);
  const url = value["url"] ?? "";
  if (typeof url !== "string") throw wrongKind(file, key);
  return url;
}

function wrongKind(file: string, key: string): ImmuconfigError {
  return valueError(`${file}: ${key} is of the wrong kind`, "Bun cannot use it either: fix it.");
}
