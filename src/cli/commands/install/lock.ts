import { dirname } from "node:path";
import { count } from "../../../base/units.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { differenceLines, requireListed } from "../../../trust/gate/checks.ts";
import { type ProjectLock, readProjectLock } from "../../../trust/gate/project_lock.ts";
import { requireAllowed } from "../../../trust/gate/review.ts";
import { ALLOWABLE_RULES } from "../../../trust/lock/lock_rules.ts";
import { compareIndex, encodeIndex } from "../../../trust/lock/package_index.ts";
import { type CommandArguments, unknownWord, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { change } from "../../files/change_file.ts";
import { open } from "../../files/project_file.ts";
import { KEY_OPTIONS, type KeyRequest, keyRequest } from "../../signing/key_options.ts";

export interface LockRequest extends KeyRequest {
  readonly check: boolean;
  /** Rules that the user allows. */
  readonly allow: readonly string[];
}

export const ALLOW_OPTION = {
  value: "RULE",
  multiple: true,
  summary: `allow what a rule names: ${ALLOWABLE_RULES.join(", ")}`,
} as const;

export const lockCommand: Command<LockRequest> = {
  usage: ["[--allow RULE]", "--check"],
  options: {
    check: { summary: "change nothing; fail when the project differs" },
    allow: ALLOW_OPTION,
    ...KEY_OPTIONS,
  },
  examples: [
    "bun-config lock",
    "bun-config lock --check",
    "bun-config lock --allow git --allow patch",
  ],
  parse(args) {
    args.exactly([]);
    const allow = allowedRules(args);
    const check = args.has("check");
    if (check && allow.length > 0) throw usageError("--check allows nothing: it compares");
    return { ...keyRequest(args), check, allow };
  },
  async run(context, request) {
    const { path, file } = open(context);
    const project = readProjectLock(dirname(realFilePath(path)));
    const size = project.lock.packages.length;
    if (request.check) {
      requireListed(project, file.packages);
      return context.out.done(
        { file: path, packages: size, same: true },
        `${path} lists ${count(size, "package")} and the settings of this project`,
      );
    }
    const registries = file.meta.registries ?? {};
    requireAllowed(project, registries, request.allow, file.packages);
    const difference = compareIndex(project.entries, file.packages);
    const generation =
      difference === undefined ? file.generation : await listPackages(context, project, request);
    for (const line of difference === undefined ? [] : differenceLines(difference)) {
      context.out.note(line);
    }
    context.out.done(
      {
        file: path,
        changed: difference !== undefined,
        packages: size,
        entries: project.entries.length,
        generation,
      },
      difference === undefined
        ? `${count(size, "package")} and the settings are listed already: nothing written`
        : `Listed ${count(size, "package")} and the settings of this project in ${path}`,
    );
  },
};

/** @throws ImmuconfigError `ERR_USAGE` for a rule that is none */
export function allowedRules(args: CommandArguments): readonly string[] {
  const rules = args.values("allow").flatMap((value) => value.split(","));
  const unknown = rules.find((rule) => !ALLOWABLE_RULES.some((known) => known === rule));
  if (unknown !== undefined) throw unknownWord("rule", unknown, ALLOWABLE_RULES);
  return rules;
}

/**
 * Writes a project's list into its record, signed where that is.
 *
 * @returns the generation
 */
export async function listPackages(
  context: Context,
  { entries }: ProjectLock,
  key: KeyRequest,
): Promise<number> {
  const packages = encodeIndex(entries);
  const { after } = await change(context, (before) => ({ ...before, packages }), { key });
  return after.generation;
}
