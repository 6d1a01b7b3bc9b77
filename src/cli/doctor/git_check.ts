/** Whether git keeps the file, and knows how to show and merge it. */

import { type Check, ok, warn } from "./finding.ts";

/** Git answers in milliseconds; a hanging file system must not hang us. */
const GIT_TIMEOUT_MS = 5_000;

const SETUP = "Set it up with `bun-config git-setup`.";

export const gitCheck: Check = {
  topic: "git",
  look({ project: { folder, name }, file }) {
    if (git(folder, ["rev-parse", "--is-inside-work-tree"]) !== "true") {
      return [ok("the project is not in a git repository")];
    }
    if (file === undefined) return [];
    const findings = [];
    if (git(folder, ["ls-files", "--", name]) === "") {
      findings.push(warn(`${name} is not tracked`, `git add ${name}`));
    }
    const attributes = git(folder, ["check-attr", "diff", "merge", "text", "--", name]) ?? "";
    const wanted = [": diff: immuconfig", ": merge: immuconfig", ": text: unset"];
    if (!wanted.every((attribute) => attributes.includes(attribute))) {
      findings.push(
        warn(`.gitattributes does not name ${name}`, "Add the line with `bun-config init`."),
      );
    }
    const drivers = ["merge.immuconfig.driver", "diff.immuconfig.textconv"];
    const missing = drivers.filter((key) => (git(folder, ["config", "--get", key]) ?? "") === "");
    if (missing.length > 0) {
      findings.push(warn(`git has no ${missing.join(" and no ")} here`, SETUP));
    }
    return findings.length === 0
      ? [ok(`${name} is tracked, and git can show and merge it`)]
      : findings;
  },
};

/** @returns what git printed; undefined when it failed or is not there */
function git(cwd: string, words: readonly string[]): string | undefined {
  try {
    const { exitCode, stdout } = Bun.spawnSync(["git", ...words], {
      cwd,
      stdio: ["ignore", "pipe", "ignore"],
      timeout: GIT_TIMEOUT_MS,
    });
    return exitCode === 0 ? stdout.toString().trim() : undefined;
  } catch {
    return undefined;
  }
}
