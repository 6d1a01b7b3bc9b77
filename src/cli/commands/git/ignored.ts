/** Whether git leaves a file out, and what to do about it. */

import type { Context } from "../../command.ts";
import { hasGit, refusePipes, runGit } from "../../../base/run_git.ts";

/**
 * @param names of files in the folder
 * @returns what is left out and why, with the line that takes it in; undefined for nothing
 */
export function ignoredNote(
  folder: string,
  names: readonly string[],
  env: Context["env"],
): string | undefined {
  if (!hasGit(env)) return undefined;
  refusePipes(folder, ".gitignore");
  const { exitCode, stdout } = runGit(folder, env, ["check-ignore", "-v", "--", ...names]);
  if (exitCode !== 0) return undefined;
  const rules = new TextDecoder()
    .decode(stdout)
    .split("\n")
    .flatMap((line) => {
      const [, source, pattern, name] = /^(.*:\d+):(.*)\t(.*)$/.exec(line) ?? [];
      return source === undefined || pattern === undefined || name === undefined
        ? []
        : [{ source, pattern, name }];
    });
  const [first] = rules;
  if (first === undefined) return undefined;
  const ignored = rules.map(({ name }) => name);
  const lines = ignored.map((name) => `!${name}`).join("` and `");
  return `git ignores ${ignored.join(" and ")} by \`${first.pattern}\` (${first.source}): add \`${lines}\` below it.`;
}
