/** Whether git keeps the file, and knows how to show and merge it. */

import { existsSync } from "node:fs";
import { relative } from "node:path";
import { hasGit, runGit } from "../../../../base/run_git.ts";
import { shellWord } from "../../../../base/text.ts";
import { attributesOf } from "../../git/git.ts";
import { ignoredNote } from "../../git/ignored.ts";
import { isUnmerged } from "../../git/unmerged.ts";
import { driverState, installDriver } from "../../git/driver/install_driver.ts";
import { twinKind } from "../../../../store/twin.ts";
import { addAttributes } from "../project/git_attributes.ts";
import { applyPlan, planEdit } from "../project/project_plan.ts";
import { DRIVER, STUCK } from "../../git/driver/settings.ts";
import { type Check, fail, type Observation, type Examined, ok, warn } from "./finding.ts";

function driverFinding(folder: string, env: Examined["env"]): Observation | undefined {
  const fix = async () => void (await installDriver(folder, env));
  const state = driverState(folder, env);
  if (state === "stuck") return warn(STUCK, "Install Bun for your user, as its installer does.");
  if (state === "missing") {
    return warn(
      "git has no driver for the file here",
      "Set it up with `bun-config git-setup`.",
      fix,
    );
  }
  return state === "old"
    ? warn(
        "git's driver here is not whole, or of another release",
        "Write it again: bun-config git-setup",
        fix,
      )
    : undefined;
}

const utf8 = new TextDecoder();

export const gitCheck: Check = {
  topic: "git",
  inspect({ cwd, project: { folder, name, path, attributesPath }, file, env }) {
    if (!hasGit(env) || !existsSync(folder)) return [];
    const git = (...args: string[]) => {
      const { exitCode, stdout } = runGit(folder, env, args);
      return exitCode === 0 ? utf8.decode(stdout).trim() : "";
    };
    if (git("rev-parse", "--is-inside-work-tree") !== "true") {
      return [ok("the project is not in a git repository")];
    }
    if (isUnmerged({ folder, name, env })) {
      return [fail(`${name} is in an open merge`, "See what is open: bun-config resolve")];
    }
    if (file === undefined) return [];
    const findings = [];
    if (git("ls-files", "--", name) === "") {
      const ignored = ignoredNote(folder, [name], env);
      findings.push(
        warn(`${name} is not tracked`, ignored ?? `git add ${shellWord(relative(cwd, path))}`),
      );
    }
    const attributes = attributesOf(folder, name, env, ["diff", "merge", "text"]);
    if (attributes.join(" ") !== `${DRIVER} ${DRIVER} unset`) {
      findings.push(
        warn(
          `.gitattributes does not name ${name}`,
          "Add the line with `bun-config init`.",
          async () =>
            applyPlan(
              planEdit(attributesPath, (text) =>
                addAttributes(text, name, twinKind(path) === "file"),
              ),
            ),
        ),
      );
    }
    const driver = driverFinding(folder, env);
    if (driver !== undefined) findings.push(driver);
    return findings.length === 0
      ? [ok(`${name} is tracked, and git can show and merge it`)]
      : findings;
  },
};
