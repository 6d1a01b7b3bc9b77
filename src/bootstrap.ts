/** The first run in a project: creates the file, or verifies the one that is there. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "./base/errors.ts";
import { EXIT, EXIT_OF_ERROR } from "./base/exit_codes.ts";
import { readManifest } from "./base/manifest.ts";
import { printable } from "./base/text.ts";
import { encodeFile } from "./format/file.ts";
import { isPlainText } from "./format/meta.ts";
import { recordToText } from "./format/record.ts";
import { PROJECT_NAME_SIZE_MAX } from "./base/limits.ts";
import { checkFileName } from "./store/bun_lockfile.ts";
import { defaultFile } from "./store/default_file.ts";
import { FILE_NAME, findFile, type Surroundings } from "./store/find.ts";
import { isInstalledPackage, whyCreatesNone } from "./store/install_context.ts";
import { createFile } from "./store/durable_write.ts";
import { refuseInPlaceOfTracked } from "./store/taken_away.ts";
import { readConfigFile } from "./trust/verified.ts";

export interface Bootstrapped {
  readonly path: string;
  readonly created: boolean;
  /** 26 hex digits. */
  readonly record: string;
  readonly generation: number;
  /** From the first look for the file to the result, in nanoseconds. */
  readonly nanoseconds: number;
}

/**
 * Makes sure that the project has a valid file. Never changes one that is there.
 *
 * @param surroundings where to look; a new file goes to the working folder
 * @param registry for a new file; npm's default when left out
 * @throws FormatError for a broken file; ImmuconfigError `ERR_SIGNATURE`, `ERR_UNSAFE_NAME`, `ERR_READ`, `ERR_WRITE`,
 * `ERR_NOT_FOUND` where git has the file
 * @example bootstrap({ cwd: process.cwd(), env: process.env })
 */
export function bootstrap(surroundings: Surroundings, registry?: string): Bootstrapped {
  const start = performance.now();
  const path = findFile(surroundings) ?? join(surroundings.cwd, FILE_NAME);
  checkFileName(path);
  const isAway = !existsSync(path);
  if (isAway) refuseInPlaceOfTracked(path, surroundings.env);
  const created = isAway && create(path, registry, surroundings.cwd);
  const { record, generation } = readConfigFile(path, surroundings.env);
  const nanoseconds = (performance.now() - start) * 1e6;
  return { path, created, record: recordToText(record), generation, nanoseconds };
}

/** What an install says of the record, and how it ends. */
export interface InstallReport {
  /** Nothing where all is well, or where it is not this project's install. */
  readonly text?: string;
  readonly exitCode: number;
}

/**
 * As `bootstrap`, for an install: creates a file only on a person's machine, in the root of a private
 * project whose git has none. Anywhere else a missing record is on its way, and a default one in its
 * place would switch every flag off. A folder that cannot be written to does not stop an install.
 *
 * @example const { text, exitCode } = bootstrapAtInstall({ cwd: process.cwd(), env: process.env });
 */
export function bootstrapAtInstall({ cwd, env }: Surroundings): InstallReport {
  if (isInstalledPackage(cwd)) return { exitCode: EXIT.done };
  try {
    const path = findFile({ cwd, env });
    const why = path !== undefined && existsSync(path) ? undefined : whyCreatesNone(cwd, env);
    if (why !== undefined) return { text: missingText(why), exitCode: EXIT.done };
    const done = bootstrap({ cwd, env });
    const text = printable(`created ${done.path}`);
    return { ...(done.created ? { text } : {}), exitCode: EXIT.done };
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    const { code, message, hint = "" } = error;
    const exitCode = code === "ERR_WRITE" ? EXIT.done : EXIT_OF_ERROR[code];
    return { text: `${printable(message)}\n  ${printable(hint)}`, exitCode };
  }
}

function missingText(why: string): string {
  return (
    `there is no ${FILE_NAME}, and an install ${why} creates none: programs will not start without it\n` +
    `  Bring it: git restore ${FILE_NAME}, COPY ${FILE_NAME} into the image, or build it in with ` +
    "`bun-config build`. For a new project: `bun-config init`."
  );
}

/** The `name` in the folder's package.json, where it can be kept. */
export function projectName(folder: string): string | undefined {
  const name = readManifest(folder)?.["name"];
  return typeof name === "string" && isPlainText(name, PROJECT_NAME_SIZE_MAX) ? name : undefined;
}

/** @returns false when another process was quicker */
function create(path: string, registry: string | undefined, folder: string): boolean {
  const file = defaultFile({ registry, project: projectName(folder) });
  try {
    createFile(path, encodeFile(file));
    return true;
  } catch (error) {
    if (error instanceof ImmuconfigError && error.code === "ERR_EXISTS") return false;
    throw error;
  }
}
