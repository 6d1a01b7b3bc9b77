import { basename, dirname, join } from "node:path";
import { FILE_NAME, findFile } from "../../../store/find.ts";
import { twinKind } from "../../../store/twin.ts";
import type { Command, Context } from "../../command.ts";
import { attributesOf, requireWorkTree } from "./git.ts";
import { driverState, installDriver, removeDriver } from "./driver/install_driver.ts";
import { DRIVER, STUCK } from "./driver/settings.ts";
import { addAttributes, removeAttributes } from "../setup/project/git_attributes.ts";
import { applyChange, planEdit } from "../setup/project/project_plan.ts";

export interface GitSetupRequest {
  readonly undo: boolean;
}

export const gitSetupCommand: Command<GitSetupRequest> = {
  usage: ["[--undo]"],
  options: {
    undo: { summary: "take the settings and the .gitattributes line out again" },
  },
  examples: ["bun-config git-setup", "bun-config git-setup --undo"],
  parse(args) {
    args.exactly([]);
    return { undo: args.has("undo") };
  },
  async run(context, { undo }) {
    const clone = findClone(context);
    const { root, env } = clone;
    const settings = await (undo ? removeDriver : installDriver)(root, env);
    const attributes = planAttributes(clone, undo);
    for (const change of attributes) await applyChange(change);
    const changed = [...settings, ...attributes.map(({ path }) => path)];
    const done = undo ? "Removed" : "Wrote";
    const already = undo ? "nothing to undo" : "git is set up already: nothing written";
    context.out.done(
      { root: clone.root, undo, changed },
      changed.length === 0 ? already : changed.map((what) => `${done} ${what}`).join("\n"),
    );
    if (!undo && driverState(root, env) === "stuck") context.out.note(`note: ${STUCK}`);
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

/** A line that says the same elsewhere is enough. */
function planAttributes({ root, env, path, attributesPath }: Clone, undo: boolean) {
  const name = basename(path);
  if (undo) return planEdit(attributesPath, (text) => removeAttributes(text, name)).changes;
  const values = attributesOf(root, path, env, ["text", "diff", "merge"]);
  if (values.join(" ") === `unset ${DRIVER} ${DRIVER}`) return [];
  return planEdit(attributesPath, (text) => addAttributes(text, name, twinKind(path) === "file"))
    .changes;
}
