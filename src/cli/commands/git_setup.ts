import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError, systemCode } from "../../errors.ts";
import { FILE_NAME, findFile } from "../../store/find.ts";
import type { CommandArguments } from "../arguments.ts";
import type { Command, Context } from "../command.ts";
import { requireGit, requireWorkTree, runGit } from "../git.ts";
import {
  addLine,
  attributesLine,
  DRIVER,
  driverSettings,
  removeLine,
  SECTIONS,
  TEXT_CACHE_REF,
} from "../git_driver.ts";
import { selfCommand } from "../self_command.ts";

export const gitSetupCommand: Command = {
  name: "git-setup",
  summary: "let git show and merge the file by its meaning, in this clone",
  usage: ["[--undo]"],
  options: {
    undo: { type: "boolean", summary: "take the settings and the .gitattributes line out again" },
  },
  examples: ["bun-config git-setup", "bun-config git-setup --undo"],
  run(context, args) {
    args.exactly([]);
    const clone = findClone(context, args);
    const undo = args.has("undo");
    const settings = undo ? removeSettings(clone) : writeSettings(clone);
    const attributes = undo ? removeAttributes(clone) : addAttributes(clone);
    const changed = [...settings, ...(attributes ? [clone.attributesPath] : [])];
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

function findClone({ cwd, env }: Context, args: CommandArguments): Clone {
  const found = findFile({ cwd, env, file: args.value("file") });
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
  // An older release may have put other words there.
  if (changed.length > 0) dropTextCache(root, env);
  return changed;
}

/** @returns the names of the sections that were removed */
function removeSettings({ root, env }: Clone): string[] {
  const removed = SECTIONS.filter(
    (section) =>
      runGit(root, env, ["config", "--local", "--remove-section", section]).exitCode === 0,
  );
  dropTextCache(root, env);
  return removed;
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

function dropTextCache(root: string, env: Context["env"]): void {
  requireGit(root, env, ["update-ref", "-d", TEXT_CACHE_REF]);
}

/** @returns whether the line was added; a line that says the same elsewhere is enough */
function addAttributes({ root, env, path, attributesPath }: Clone): boolean {
  const args = ["check-attr", "-z", "text", "diff", "merge", "--", path];
  const values = requireGit(root, env, args)
    .split("\0")
    .filter((_, index) => index % 3 === 2);
  if (values.join(" ") === `unset ${DRIVER} ${DRIVER}`) return false;
  const text = readText(attributesPath);
  writeText(attributesPath, addLine(text, attributesLine(basename(path))));
  return true;
}

/** @returns whether the line was there */
function removeAttributes({ path, attributesPath }: Clone): boolean {
  const text = readText(attributesPath);
  const rest = removeLine(text, attributesLine(basename(path)));
  if (rest === text) return false;
  if (rest.trim() === "") rmSync(attributesPath);
  else writeText(attributesPath, rest);
  return true;
}

function readText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function writeText(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new ImmuconfigError("ERR_WRITE", `cannot write ${path}: ${systemCode(cause)}`, {
      hint: "Check the permissions of the folder.",
      cause,
    });
  }
}
