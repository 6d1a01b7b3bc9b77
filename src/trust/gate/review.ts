/** Which findings of a lockfile a user still has to allow. Pure. */

import { ImmuconfigError } from "../../base/errors.ts";
import { firstLines, printable } from "../../base/text.ts";
import { hexBytes } from "../../format/bytes.ts";
import { PACKAGE_RECORD_SIZE } from "../../format/layout.ts";
import {
  ALLOWABLE_RULES,
  judgeLock,
  type LockFinding,
  type PinnedRegistries,
  refusedFindings,
} from "../lock/lock_rules.ts";
import type { ProjectLock } from "./project_lock.ts";

const LINE_COUNT_MAX = 20;

/**
 * Judges a lockfile; what the record lists already was allowed then.
 *
 * @param allowed rules by name
 * @param packages of the record
 * @throws ImmuconfigError `ERR_PACKAGES` naming each finding that is not allowed
 */
export function requireAllowed(
  project: ProjectLock,
  registries: PinnedRegistries,
  allowed: readonly string[],
  packages: Uint8Array,
): void {
  const listed = listedEntries(project, packages);
  const open = refusedFindings(judgeLock(project.lock, registries), allowed).filter(
    (finding) => !isAllowable(finding) || !listed.has(entryOf(finding)),
  );
  if (open.length === 0) return;
  const lines = open.map(
    ({ rule, about, message }) => `  ${rule}: ${printable(about)}: ${message}`,
  );
  const rules = [...new Set(open.filter(isAllowable).map(({ rule }) => rule))];
  const hard = open.length - open.filter(isAllowable).length;
  throw new ImmuconfigError(
    "ERR_PACKAGES",
    `${project.folder}/bun.lock breaks rules:\n${firstLines(lines, LINE_COUNT_MAX).join("\n")}`,
    {
      hint:
        hard > 0
          ? "Those without exception are mended in bun.lock: remove the package, or install it anew."
          : `If they are meant: ${rules.map((rule) => `--allow ${rule}`).join(" ")}.`,
    },
  );
}

function isAllowable({ rule }: LockFinding): boolean {
  return ALLOWABLE_RULES.some((name) => name === rule);
}

/** What the record lists, in the words of its entries. */
function listedEntries({ entries }: ProjectLock, packages: Uint8Array): ReadonlySet<string> {
  const recorded = new Set<string>();
  for (let at = 0; at < packages.length; at += PACKAGE_RECORD_SIZE) {
    recorded.add(hexBytes(packages, at, at + PACKAGE_RECORD_SIZE));
  }
  return new Set(
    entries.filter(({ record }) => recorded.has(hexBytes(record))).map(({ about }) => about),
  );
}

/** The entry of the index that a finding is about. */
function entryOf({ rule, about }: LockFinding): string {
  if (rule === "patch") return `patch of ${about}`;
  if (rule === "override") return "overrides";
  if (rule === "trusted") return "trustedDependencies";
  return about;
}
