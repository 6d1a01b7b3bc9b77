/** Decides which release an upgrade installs. Pure. */

import { ImmuconfigError } from "../base/errors.ts";
import { type Packument, type Release, readRelease } from "../registry/packument.ts";
import { acceptedMajors, requireAllowedVersion, type UpgradePolicy } from "./policy.ts";
import type { Product } from "./product.ts";
import { compareVersions, parseVersion, requireVersion } from "../base/version.ts";

/** What decides which version is installed. */
export interface PlanInput {
  product: Product;
  policy: UpgradePolicy;
  packument: Packument;
  /** The installed version; undefined when there is none, or none that runs. */
  installed: string | undefined;
  /** The version that was asked for; undefined means the newest that the record accepts. */
  requested: string | undefined;
  allowDowngrade: boolean;
}

/** What an upgrade would do. */
export interface Plan {
  change: "none" | "install" | "upgrade" | "downgrade";
  from: string | undefined;
  to: string;
  release: Release;
}

/**
 * Decides which release to install.
 *
 * @throws ImmuconfigError `ERR_DOWNGRADE` below the installed version; `ERR_BUN_VERSION` below the
 * record's minimum; `ERR_NOT_FOUND` when the registry has no fitting version; `ERR_VALUE`,
 * `ERR_DIGEST` and `ERR_REGISTRY` for a version, digest or answer that breaks a rule
 * @example
 * const { change, to } = planUpgrade({ product, policy, packument, installed: "1.4.4", … });
 */
export function planUpgrade(input: PlanInput): Plan {
  const { product, policy, packument, installed, allowDowngrade } = input;
  const to = input.requested ?? newestAccepted(product, policy, packument);
  requireVersion(to);
  requireAllowedVersion(product, policy, to, allowDowngrade);
  const order = installed === undefined ? 1 : compareVersions(to, installed);
  if (order < 0 && !allowDowngrade) {
    throw new ImmuconfigError(
      "ERR_DOWNGRADE",
      `${product.title} ${to} is older than the installed ${installed}`,
      { hint: "Add --allow-downgrade to install it all the same; that is logged." },
    );
  }
  return {
    change: changeOf(installed, order),
    from: installed,
    to,
    release: readRelease(packument, to, policy.registry),
  };
}

function changeOf(installed: string | undefined, order: number): Plan["change"] {
  if (installed === undefined) return "install";
  if (order === 0) return "none";
  return order > 0 ? "upgrade" : "downgrade";
}

/** The registry's latest if the record accepts its major version, else the newest that it does. */
function newestAccepted(product: Product, policy: UpgradePolicy, packument: Packument): string {
  const majors = acceptedMajors(product, policy);
  const accepted = (version: string): boolean => {
    const parsed = parseVersion(version);
    return parsed !== undefined && majors.includes(parsed.major);
  };
  if (packument.latest !== undefined && accepted(packument.latest)) return packument.latest;
  const newest = packument.versions.filter(accepted).toSorted(compareVersions).at(-1);
  if (newest !== undefined) return newest;
  throw new ImmuconfigError(
    "ERR_NOT_FOUND",
    `the registry has no ${product.title} that serves config version ${policy.configVersion}`,
  );
}
