/** The registry that a bunfig.toml names. */

import { ImmuconfigError } from "../../../../base/errors.ts";
import { readText } from "../../../files/text_file.ts";
import { parseToml } from "./bunfig_toml.ts";

/**
 * The unscoped registry of `[install]`.
 *
 * @returns undefined when the file or the setting is not there
 * @throws ImmuconfigError `ERR_VALUE` for a file that is not TOML; `ERR_READ`
 */
export function bunfigRegistry(path: string): string | undefined {
  const text = readText(path);
  if (text === undefined) return undefined;
  const toml = parseToml(text);
  if (toml === undefined) {
    throw new ImmuconfigError("ERR_VALUE", `${path} is not valid TOML`, {
      hint: "Mend it, or name the registry with --registry.",
    });
  }
  const install = member(toml, "install");
  const registry = member(install, "registry");
  const url = typeof registry === "string" ? registry : member(registry, "url");
  return typeof url === "string" ? url : undefined;
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
