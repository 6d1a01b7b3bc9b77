/** Sets the registries: where packages come from, and which are taken without a signature. Pure. */

import { valueError } from "../../base/errors.ts";
import { REGISTRY_COUNT_MAX } from "../../base/limits.ts";
import { quote } from "../../base/text.ts";
import { DEFAULT_SCOPE, isScope } from "../meta.ts";
import { canonicalRegistryUrl, registryHash } from "../registry_url.ts";
import { type Change, withRecord, withMeta } from "./change.ts";

/**
 * @param url in any form
 * @param scope `@scope`, or `default` for the unscoped registry
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setRegistry(url: string, scope: string = DEFAULT_SCOPE): Change {
  const canonical = canonicalRegistryUrl(url);
  if (!isScope(scope)) {
    throw valueError(`${quote(scope)} is not a scope`, "A scope looks like @acme.");
  }
  return (file) => {
    const { registries } = file.meta;
    const named =
      registries?.[scope] === canonical
        ? file
        : withMeta(file, { registries: { ...registries, [scope]: canonical } });
    return scope === DEFAULT_SCOPE
      ? withRecord(named, { registryHash: registryHash(canonical) })
      : named;
  };
}

/**
 * Lists the registries whose releases `bun-config upgrade` takes without a signature.
 *
 * @param list of URLs, separated by commas; nothing or "none" for an empty list
 * @throws ImmuconfigError `ERR_VALUE`
 */
export function setUnsignedRegistries(list: string): Change {
  const urls = list === "none" ? [] : list.split(",").filter((url) => url.trim() !== "");
  const canonical = urls.map((url) => canonicalRegistryUrl(url.trim()));
  // The order of the format: by UTF-16 code units, which URLs have one a byte of.
  const unsigned = [...new Set(canonical)].toSorted((a, b) => (a < b ? -1 : 1));
  if (unsigned.length > REGISTRY_COUNT_MAX) {
    throw valueError(`a record lists at most ${REGISTRY_COUNT_MAX} registries`);
  }
  return (file) => {
    const { upgrade, ...meta } = file.meta;
    if ((upgrade?.unsigned ?? []).join(",") === unsigned.join(",")) return file;
    return { ...file, meta: unsigned.length === 0 ? meta : { ...meta, upgrade: { unsigned } } };
  };
}
