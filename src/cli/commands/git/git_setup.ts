import { basename, dirname, join } from "node:path";
import { FILE_NAME, findFile } from "../../../store/find.ts";
import type { Command, Context } from "../../command.ts";
import { requireGit, requireWorkTree, runGit } from "./git.ts";
import { DRIVER, driverSettings, SECTIONS } from "./driver.ts";
import { addAttributes, removeAttributes } from "../setup/project/git_attributes.ts";
import { applyChange, planEdit } from "../setup/project/plan.ts";
import { selfCommand } from "../../children/self_command.ts";

export interface GitSetupRequest {
  readonly undo: boolean;
}

export const gitSetupCommand: Command<GitSetupRequest> = {
  usage: ["[--undo]"],
  options: {
    undo: { type: "boolean", summary: "take the settings and the .gitattributes line out again" },
  },
  examples: ["bun-config git-setup", "bun-config git-setup --undo"],
  parse(args) {
    args.exactly([]);
    return { undo: args.has("undo") };
  },
  async run(context, { undo }) {
    const clone = findClone(context);
    const settings = undo ? removeSettings(clone) : writeSettings(clone);
    const attributes = planAttributes(clone, undo);
    for (const change of attributes) await applyChange(change);
    const changed = [...settings, ...attributes.map(({ path }) => path)];
    const done = undo ? "Removed" : "Wrote";
    const already = undo ? "nothing to undo" : "git is set up already: nothing written";
    context.out.done(
      { root: clone.root, undo, changed },
      changed.length === 0 ? already : changed.map((what) => `${done} ${what}`).join("\n"),
    );
  },
};

interface Clone {
  readonly root: string;
  readonly env: Context["env"];
  /** The file that git is told about, absolute; it need not exist. */
  readonly path: string;
  readonly attributesPath: string;
}

function findClone({ cwd, env, file }: Context): Clone {
  const found = findFile({ cwd, env, file });
  const root = requireWorkTree(found === undefined ? cwd : dirname(found), env);
  const path = found ?? join(root, FILE_NAME);
  return { root, env, path, attributesPath: join(root, ".gitattributes") };
}

/** @returns the names of the settings that were changed */
function writeSettings({ root, env }: Clone): string[] {
  const changed: string[] = [];
  for (const [name, value] of Object.entries(driverSettings(selfCommand()))) {
    if (readSetting(root, env, name) === value) continue;
    requireGit(root, env, ["config", "--local", "--replace-all", name, value]);
    changed.push(name);
  }
  return changed;
}

/** @returns the names of the sections that were removed */
function removeSettings({ root, env }: Clone): string[] {
  return SECTIONS.filter(
    (section) =>
      runGit(root, env, ["config", "--local", "--remove-section", section]).exitCode === 0,
  );
}

function readSetting(root: string, env: Context["env"], name: string): string | undefined {
  const { exitCode, stdout } = runGit(root, env, [
    "config",
    "--local",
    "--null",
    "--get-all",
    name,
  ]);
  return exitCode === 0 ? new TextDecoder().decode(stdout).replace(/\0$/, "") : undefined;
}

/** A line that says the same elsewhere is enough. */
function planAttributes({ root, env, path, attributesPath }: Clone, undo: boolean) {
  const name = basename(path);
  if (undo) return planEdit(attributesPath, (text) => removeAttributes(text, name)).changes;
  const args = ["check-attr", "-z", "text", "diff", "merge", "--", path];
  const values = requireGit(root, env, args)
    .split("\0")
    .filter((_, index) => index % 3 === 2);
  if (values.join(" ") === `unset ${DRIVER} ${DRIVER}`) return [];
  return planEdit(attributesPath, (text) => addAttributes(text, name)).changes;
}
