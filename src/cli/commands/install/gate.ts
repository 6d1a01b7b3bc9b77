/** The gate around an install: checks, Bun, checks. */

import { requireBunFor } from "../../../base/bun_only.ts";
import { dirname } from "node:path";
import { usageError } from "../../args/arguments.ts";
import type { File } from "../../../format/file.ts";
import { REGISTRY_VARIABLES } from "../../../registry/effective.ts";
import { registriesInForce } from "../../../registry/in_force.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { requireListed, requireRegistries } from "../../../trust/gate/checks.ts";
import { requireInstalledAsLocked, requireOwnModules } from "../../../trust/gate/installed.ts";
import {
  type ProjectLock,
  readProjectLock,
  requireSameLock,
} from "../../../trust/gate/project_lock.ts";
import {
  captureCommand,
  type CaptureOptions,
  type Outcome,
} from "../../children/capture_command.ts";
import { standaloneExecutable } from "../../children/standalone_executable.ts";
import { runChild } from "../../children/run_child.ts";
import type { Context } from "../../command.ts";
import { open } from "../../files/project_file.ts";

/** Options of Bun's that would lead it past what was checked. */
const REFUSED: ReadonlySet<string> = new Set([
  "--config",
  "-c",
  "--cwd",
  "--env-file",
  "--no-verify",
  "--global",
  "-g",
  "--cache-dir",
  "--preload",
  "-r",
]);

export interface Gate {
  readonly context: Context;
  /** The project's folder, without symbolic links. */
  readonly folder: string;
  readonly file: File;
}

/** Finds and verifies the record, and refuses what Bun must not be told. */
export function openGate(context: Context, words: readonly string[]): Gate {
  requireBunFor("an install");
  const refused = words.find((word) => REFUSED.has(word.split("=", 1)[0] ?? ""));
  if (refused !== undefined) {
    throw usageError(
      `${refused} would lead Bun past what is checked`,
      "Run Bun itself if that is meant.",
    );
  }
  const { path, file } = open(context);
  return { context, folder: dirname(realFilePath(path)), file };
}

/** All that must hold before Bun runs. */
export function checkBefore(
  { context, folder, file }: Gate,
  words: readonly string[],
): ProjectLock {
  const found = registriesInForce(context, folder, false, valueOf(words, "--registry"));
  requireRegistries(found, file.meta.registries ?? {});
  const project = readProjectLock(folder);
  requireListed(project, file.packages);
  return project;
}

/**
 * Installs what is locked, and looks at what lies there.
 *
 * @param words for Bun
 * @param cache another folder than Bun's own
 * @returns Bun's exit code
 */
export async function installFrozen(
  gate: Gate,
  project: ProjectLock,
  words: readonly string[],
  cache?: string,
): Promise<number> {
  const { context, folder } = gate;
  requireOwnModules(project);
  const exitCode = await runChild(bunWords(["install", "--frozen-lockfile", ...words]), {
    cwd: folder,
    env: {
      ...installEnvironment(context),
      ...(cache === undefined ? {} : { BUN_INSTALL_CACHE_DIR: cache }),
    },
    out: context.out,
  });
  if (exitCode !== 0) return exitCode;
  requireSameLock(project);
  requireInstalledAsLocked(project);
  return 0;
}

/** Runs Bun for its effect on package.json and bun.lock alone. */
export async function resolveOnly(
  { context, folder }: Gate,
  words: readonly string[],
  started: NonNullable<CaptureOptions["started"]>,
): Promise<Outcome> {
  return captureCommand(bunWords([...words, "--lockfile-only", "--ignore-scripts"]), {
    cwd: folder,
    env: installEnvironment(context),
    started,
  });
}

/** This Bun, whatever PATH and the project say, without the project's `.env`. */
function bunWords(words: readonly string[]): string[] {
  const [verb = "install", ...rest] = words;
  return [process.execPath, verb, "--no-env-file", ...rest];
}

/** Without what could change which registry is asked, or whom TLS believes: that was checked. */
function installEnvironment({ env }: Context): Record<string, string | undefined> {
  const dropped: ReadonlySet<string> = new Set([
    ...REGISTRY_VARIABLES,
    "BUN_OPTIONS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "BUN_CONFIG_SKIP_INSTALL_PACKAGES",
  ]);
  const kept = Object.entries(env).filter(([name]) => !dropped.has(name));
  // A compiled immuconfig is Bun, too.
  const asBun = standaloneExecutable() === undefined ? {} : { BUN_BE_BUN: "1" };
  return { ...Object.fromEntries(kept), ...asBun };
}

function valueOf(words: readonly string[], option: string): string | undefined {
  const attached = words.findLast((word) => word.startsWith(`${option}=`));
  if (attached !== undefined) return attached.slice(option.length + 1);
  const index = words.lastIndexOf(option);
  return index === -1 ? undefined : words[index + 1];
}
