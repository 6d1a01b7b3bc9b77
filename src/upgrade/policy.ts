import { ImmuconfigError } from "../base/errors.ts";
import type { File } from "../format/file.ts";
import { DEFAULT_SCOPE } from "../format/meta.ts";
import type { Product } from "./product.ts";
import { isBelowMinimum, requireMinimumBun, requireVersion } from "../base/version.ts";

/** What a project's record says about upgrades. */
export interface UpgradePolicy {
  /** The record's config version. */
  configVersion: number;
  /** The canonical URL of the registry that serves the product's scope. */
  registry: string;
  /** No Bun below this version may serve the project. */
  minimumBun?: string;
  /** Canonical URLs of registries whose releases are taken without a signature. */
  unsignedRegistries: readonly string[];
}

/**
 * Reads the policy from a project's file: the one place that knows where it is kept.
 *
 * @param packageName the package that is to be fetched; its scope may have a registry of its own
 * @param chosen the registry that the user asks for, whatever the record names
 * @throws ImmuconfigError `ERR_NOT_FOUND` when the record holds no registry's URL
 */
export function policyOf(file: File, packageName: string, chosen?: string): UpgradePolicy {
  const { registries = {}, bun, upgrade } = file.meta;
  const scope = /^(@[^/]+)\//.exec(packageName)?.[1] ?? DEFAULT_SCOPE;
  const registry = chosen ?? registries[scope] ?? registries[DEFAULT_SCOPE];
  if (registry === undefined) {
    throw new ImmuconfigError("ERR_NOT_FOUND", "the record pins no registry", {
      hint: "Pin one with bun-config set registry URL.",
    });
  }
  return {
    configVersion: file.record.version,
    registry,
    ...(bun === undefined ? {} : { minimumBun: bun.minimum }),
    unsignedRegistries: upgrade?.unsigned ?? [],
  };
}

/**
 * Refuses a version that the record does not allow.
 *
 * @throws ImmuconfigError `ERR_BUN_VERSION` below the record's minimum, unless `allowDowngrade`;
 * `ERR_VALUE` for a major version that the record's config version does not know.
 * @example
 * requireAllowedVersion(product, policy, "1.4.5", false);
 */
export function requireAllowedVersion(
  product: Product,
  policy: UpgradePolicy,
  version: string,
  allowDowngrade: boolean,
): void {
  const majors = acceptedMajors(product, policy);
  const { major } = requireVersion(version);
  if (!majors.includes(major)) {
    throw new ImmuconfigError(
      "ERR_VALUE",
      `${product.title} ${version} does not serve config version ${policy.configVersion}, ` +
        `which takes ${majors.map((accepted) => `${accepted}.x`).join(" or ")}`,
      { hint: `Choose a version of those, or raise the config version first.` },
    );
  }
  if (allowDowngrade || !isBelowFloor(product, policy, version)) return;
  const hint = "Choose a newer version, or add --allow-downgrade, which is logged.";
  requireMinimumBun(version, policy.minimumBun, hint);
}

/** Whether a version is below the record's minimum. */
export function isBelowFloor(product: Product, policy: UpgradePolicy, version: string): boolean {
  return product.id === "bun" && isBelowMinimum(version, policy.minimumBun);
}

/** The major versions of `product` that may serve the record; none for an unknown config version. */
export function acceptedMajors(product: Product, policy: UpgradePolicy): readonly number[] {
  return product.majors.get(policy.configVersion) ?? [];
}
