/** What kind of install runs a project's `postinstall`, and whether it may create a record. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSet, isUnderCi } from "../base/development.ts";
import type { Environment } from "../base/environment.ts";
import { SETTINGS_FILE_SIZE_MAX } from "../base/limits.ts";
import { isPublished, readManifest } from "../base/manifest.ts";
import { readTextIfThere } from "../base/read_file.ts";
import { foldersUpwards } from "../base/walk_up.ts";

const MANAGERS = /^(?:bun|bunx|npm|npm-cli|pnpm|yarn|yarnpkg|corepack)(?:\.[cm]?js|\.exe)?$/;
/** Options and commands of an install that reproduces what somebody else has decided. */
const REPRODUCES =
  /(?:^| )(?:--production|--prod|-p|--frozen-lockfile|--immutable|--omit[ =]dev|ci|clean-install)(?: |$)/;
/** The same in bunfig.toml, section `[install]`. */
const BUNFIG_REPRODUCES = /^[ \t]*(?:install\.)?(?:production|frozenLockfile)[ \t]*=[ \t]*true/m;
/** What is a container's first process, in front of whatever script installs there. */
const CONTAINER_PROGRAMS =
  /^-?(?:sh|ash|bash|dash|zsh|busybox|tini|docker-init|dumb-init|catatonit)$/;
/** The script's shell, the package manager, and what started it. */
const ANCESTOR_COUNT = 3;
const PS_TIMEOUT_MS = 10_000;

export interface Ancestor {
  readonly pid: number;
  /** Words of its command line, joined by blanks. */
  readonly command: string;
}

/** Whether a folder belongs to a package that somebody else's install put there. */
export function isInstalledPackage(folder: string): boolean {
  return folder.split(/[/\\]/).includes("node_modules");
}

/**
 * Why an install creates no record: a default one would switch every flag off without a word where the
 * real one did not arrive yet, as in an image.
 *
 * @param folder that the install runs in, absolute
 * @returns undefined on a person's machine, in the root of a private project
 */
export function whyCreatesNone(
  folder: string,
  env: Environment,
  ancestors: readonly Ancestor[] = installAncestors(),
): string | undefined {
  if (isUnderCi(env)) return "under CI";
  const reproducing = "where it reproduces one (--production, --frozen-lockfile, --omit=dev)";
  if (reproduces(env, ancestors) || bunfigReproduces(folder)) return reproducing;
  if (isInContainer(ancestors)) return "in a container";
  if (!isPrivateRoot(folder)) return "outside the root of a private project";
  return undefined;
}

function reproduces(env: Environment, ancestors: readonly Ancestor[]): boolean {
  const npm = [env["npm_config_omit"], env["npm_config_production"], env["npm_command"]];
  if (env["NODE_ENV"] === "production") return true;
  if (/\bdev\b/.test(npm[0] ?? "") || isSet(npm[1]) || npm[2] === "ci") return true;
  return ancestors.some((ancestor) => isManager(ancestor) && REPRODUCES.test(ancestor.command));
}

function isManager({ command }: Ancestor): boolean {
  return command.split(" ", 2).some((word) => MANAGERS.test(basename(word)));
}

/** In an image's build the package manager is the first process, or a shell is, however far above. */
function isInContainer(ancestors: readonly Ancestor[]): boolean {
  if (ancestors.some((ancestor) => ancestor.pid === 1 && isManager(ancestor))) return true;
  const first = process.platform === "linux" ? fromProc(1) : undefined;
  return CONTAINER_PROGRAMS.test(basename(first?.command.split(" ", 1)[0] ?? ""));
}

function bunfigReproduces(folder: string): boolean {
  const text = readTextIfThere(join(folder, "bunfig.toml"), SETTINGS_FILE_SIZE_MAX);
  return BUNFIG_REPRODUCES.test(text ?? "");
}

/** The root of a project that is not published: no workspace above has it for a member. */
function isPrivateRoot(folder: string): boolean {
  const manifest = readManifest(folder);
  if (manifest === undefined || isPublished(manifest)) return false;
  return [...foldersUpwards(dirname(folder))].every(
    (above) =>
      above === folder ||
      (readManifest(above)?.["workspaces"] === undefined &&
        !existsSync(join(above, "pnpm-workspace.yaml"))),
  );
}

/** The processes above this one, the nearest first; none where the system does not tell. */
function installAncestors(): Ancestor[] {
  const ancestors: Ancestor[] = [];
  let pid = process.ppid;
  while (ancestors.length < ANCESTOR_COUNT && pid > 0) {
    const line = process.platform === "linux" ? fromProc(pid) : fromPs(pid);
    if (line === undefined) break;
    ancestors.push({ pid, command: line.command });
    pid = line.parent;
  }
  return ancestors;
}

interface ProcessLine {
  readonly parent: number;
  readonly command: string;
}

function fromProc(pid: number): ProcessLine | undefined {
  try {
    const sizeMax = 1024 * 1024;
    const words = readTextIfThere(`/proc/${pid}/cmdline`, sizeMax) ?? "";
    const status = readTextIfThere(`/proc/${pid}/status`, sizeMax) ?? "";
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
    return Number.isNaN(parent) ? undefined : { parent, command: words.replaceAll("\0", " ") };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): ProcessLine | undefined {
  const { stdout } = spawnSync("ps", ["-o", "ppid=,args=", "-p", String(pid)], {
    cwd: "/",
    encoding: "utf8",
    timeout: PS_TIMEOUT_MS,
  });
  // Nothing for a process that has gone, or where there is no `ps`.
  const [, parent, command = ""] = /^\s*(\d+)\s+(.*)/.exec(stdout ?? "") ?? [];
  return parent === undefined ? undefined : { parent: Number(parent), command };
}
