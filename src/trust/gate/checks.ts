/** What must hold before an install, and after it. */

import { ImmuconfigError } from "../../base/errors.ts";
import { firstLines, printable } from "../../base/text.ts";
import { DEFAULT_SCOPE } from "../../format/meta.ts";
import type { EffectiveRegistry } from "../../registry/effective.ts";
import type { PinnedRegistries } from "../lock/lock_rules.ts";
import { compareIndex, type IndexDifference } from "../lock/package_index.ts";
import type { ProjectLock } from "./project_lock.ts";

/** Lines of a message at most. */
const LINE_COUNT_MAX = 12;

/**
 * The project's lockfile and settings must be those that the record lists.
 *
 * @param packages of the record
 * @throws ImmuconfigError `ERR_PACKAGES` naming what differs
 */
export function requireListed({ entries, folder }: ProjectLock, packages: Uint8Array): void {
  if (packages.length === 0) {
    throw new ImmuconfigError("ERR_PACKAGES", "the record lists no packages", {
      hint: "List them once they are reviewed: bun-config lock.",
    });
  }
  const difference = compareIndex(entries, packages);
  if (difference === undefined) return;
  throw new ImmuconfigError(
    "ERR_PACKAGES",
    `${folder} is not what the record lists:\n${differenceLines(difference).join("\n")}`,
    { hint: "Restore bun.lock and the settings from git, or review them: bun-config lock." },
  );
}

/** A difference in words, a line each. */
export function differenceLines({ added, changed, removedCount }: IndexDifference): string[] {
  const lines = [
    ...changed.map((about) => `  changed: ${printable(about)}`),
    ...added.map((about) => `  new: ${printable(about)}`),
    ...(removedCount === 0 ? [] : [`  gone: ${removedCount}`]),
  ];
  return firstLines(lines, LINE_COUNT_MAX);
}

/**
 * Bun must ask the registries that the record pins, and no other.
 *
 * @throws ImmuconfigError `ERR_REGISTRY` naming the scope, the source and both URLs
 */
export function requireRegistries(
  effective: readonly EffectiveRegistry[],
  pinned: PinnedRegistries,
): void {
  const drift = registryDrift(effective, pinned);
  if (drift.length === 0) return;
  throw new ImmuconfigError(
    "ERR_REGISTRY",
    `Bun would ask other registries:\n${drift.join("\n")}`,
    {
      hint: "Bring bunfig.toml along, or pin the other: bun-config set registry URL.",
    },
  );
}

/** A line for each scope that Bun asks from elsewhere than the record says. */
export function registryDrift(
  effective: readonly EffectiveRegistry[],
  pinned: PinnedRegistries,
): string[] {
  const inForce = new Map(effective.map((entry) => [entry.scope, entry]));
  const fallback = inForce.get(DEFAULT_SCOPE);
  const scopes = new Set([...inForce.keys(), ...Object.keys(pinned)]);
  return [...scopes].flatMap((scope) => {
    const wanted = pinned[scope] ?? pinned[DEFAULT_SCOPE];
    const found = inForce.get(scope) ?? fallback;
    if (found === undefined || wanted === found.url) return [];
    const name = scope === DEFAULT_SCOPE ? "packages" : scope;
    return [`  ${name}: ${found.url} (${printable(found.source)}), pinned is ${wanted ?? "none"}`];
  });
}
