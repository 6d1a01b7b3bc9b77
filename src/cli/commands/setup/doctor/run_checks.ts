/**
 * What is in force, found by starting it: the project's programs, an executable, git's driver,
 * TypeScript, Bun's client. This runs the project's own code, so it is done only when it is asked for.
 */

import { spawnSync } from "node:child_process";
import { findProgram } from "../../../../base/find_program.ts";
import { existsSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { DOCTOR_WAIT_MS } from "../../../../base/limits.ts";
import { makeTemporaryFolder } from "../../../../base/temporary_folder.ts";
import { foldersUpwards } from "../../../../base/walk_up.ts";
import { recordToText } from "../../../../format/record.ts";
import { findTypesFiles } from "../../../files/types_file.ts";
import { hasGit, runGit } from "../../../../base/run_git.ts";
import { driverState } from "../../git/driver/install_driver.ts";
import { DRIVER } from "../../git/driver/settings.ts";
import { attributesOf } from "../../git/git.ts";
import { preloadsUs } from "../project/project.ts";
import { workspaceFolders } from "../project/workspaces.ts";
import { registryProbe } from "./registry_probe.ts";
import { fail, type Observation, ok, type Examined, warn } from "./finding.ts";

interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Folders in which something is started. */
const FOLDERS_MAX = 20;

/** What was not looked at is not ok. */
function leftOut(count: number): Observation[] {
  if (count <= 0) return [];
  return [
    warn(
      `${count} folders of the workspaces were not looked at: only the first ${FOLDERS_MAX} are`,
      "Start a program in them by hand.",
    ),
  ];
}

/** All that running shows; what is not used by the project is not started. */
export async function runChecks(examined: Examined): Promise<Observation[]> {
  if (examined.file === undefined) return [];
  const { folder } = examined.project;
  const all = [folder, ...workspaceFolders(folder)];
  const folders = all.slice(0, FOLDERS_MAX);
  const scratch = makeTemporaryFolder("doctor");
  try {
    return [
      ...programs(examined, folders, scratch),
      ...executable(examined, scratch),
      ...leftOut(all.length - folders.length),
      ...driver(examined),
      ...typeScript(examined, folders),
      ...(await registryProbe(examined, bunOf(examined))),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function start({ env }: Examined, cwd: string, command: readonly string[]): Ended {
  const [program = "", ...words] = command;
  const child = spawnSync(program, words, {
    cwd,
    env: { ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    timeout: DOCTOR_WAIT_MS,
  });
  return { exitCode: child.status, stdout: child.stdout ?? "", stderr: child.stderr ?? "" };
}

/** The Bun that the project's scripts would find, else the one that runs this. */
function bunOf({ env }: Examined): string {
  return findProgram("bun", env) ?? process.execPath;
}

/** A program in every folder that preloads us, as `bun program.ts` there. */
function programs(examined: Examined, folders: readonly string[], scratch: string): Observation[] {
  const { file } = examined;
  const wanted = file === undefined ? "" : recordToText(file.record);
  const program = join(scratch, "program.ts");
  writeFileSync(program, 'console.log("record=" + globalThis.Bun.config?.record);\n');
  return folders.flatMap((folder) => {
    if (!preloadsUs(folder)) return [];
    const { exitCode, stdout, stderr } = start(examined, folder, [bunOf(examined), program]);
    const seen = /^record=(.*)$/m.exec(stdout)?.[1];
    if (exitCode !== 0)
      return [fail(`no program starts in ${folder}: ${lastLine(stderr)}`, undefined)];
    if (seen === wanted) return [ok(`a program in ${folder} has Bun.config, with this record`)];
    return [
      fail(
        `a program in ${folder} has ${seen === "undefined" ? "no Bun.config" : `record ${seen}`}, and the file says ${wanted}`,
        "Something else comes before the preload: see bunfig.toml, BUN_OPTIONS and IMMUCONFIG_FILE.",
      ),
    ];
  });
}

/** Executables read bunfig.toml where they are started: other people's, too. */
function executable(examined: Examined, scratch: string): Observation[] {
  const { folder } = examined.project;
  if (!preloadsUs(folder)) return [];
  writeFileSync(join(scratch, "tool.ts"), 'console.log("started");\n');
  const built = start(examined, scratch, [
    bunOf(examined),
    "--config=/dev/null",
    "build",
    "--compile",
    "tool.ts",
    "--outfile",
    "tool",
  ]);
  if (built.exitCode !== 0) {
    return [
      warn(
        `no executable could be built: ${lastLine(built.stderr)}`,
        "Try it by hand: bun build --compile",
      ),
    ];
  }
  const { exitCode, stdout, stderr } = start(examined, folder, [join(scratch, "tool")]);
  return exitCode === 0 && stdout === "started\n"
    ? [ok("an executable of `bun build --compile` starts here")]
    : [
        fail(
          `an executable of \`bun build --compile\` does not start here: ${lastLine(stderr)}`,
          "Preload us by the path that `bun-config init` writes.",
        ),
      ];
}

/** What git itself makes of the file. */
function driver({ project: { folder, name }, env }: Examined): Observation[] {
  if (!hasGit(env)) return [];
  if (runGit(folder, env, ["rev-parse", "--is-inside-work-tree"]).exitCode !== 0) return [];
  // Git would run what else an attribute or a setting names.
  const [attribute] = attributesOf(folder, name, env, ["diff"]);
  if (attribute !== DRIVER || driverState(folder, env) !== "ready") return [];
  const shown = runGit(folder, env, ["cat-file", "--textconv", `:./${name}`]);
  if (shown.exitCode !== 0) return [];
  const text = new TextDecoder().decode(shown.stdout);
  return text.includes("terminal.mode ")
    ? [ok(`git shows ${name} in words`)]
    : [
        fail(
          `git shows ${name} as ${text.split("\n", 1)[0] ?? "nothing"}`,
          "Write the driver again: bun-config git-setup",
        ),
      ];
}

/** Whether TypeScript reads the declarations, by its own word. */
function typeScript(examined: Examined, folders: readonly string[]): Observation[] {
  const { path } = examined.project;
  const files = findTypesFiles(path).map((out) => realpathSync(out));
  if (files.length === 0) return [];
  return folders.flatMap((place) => {
    const config = join(place, "tsconfig.json");
    const tsc = existsSync(config) ? inModules(place, ".bin", "tsc") : undefined;
    if (tsc === undefined) return [];
    const { exitCode, stdout } = start(examined, place, [
      bunOf(examined),
      tsc,
      "-p",
      ".",
      "--listFilesOnly",
    ]);
    const read = new Set(
      stdout
        .split(/\r?\n/)
        .filter((line) => line !== "")
        .map((line) => join(place, relative(place, line))),
    );
    if (exitCode !== 0 && read.size === 0) {
      return [
        warn(
          `${basename(tsc)} did not say what it reads with ${config}`,
          "Run it by hand: tsc --listFilesOnly",
        ),
      ];
    }
    if (!files.some((file) => read.has(file))) {
      return [
        fail(
          `${config}: TypeScript does not read the flags`,
          "Write them where it reads: bun-config types --out FILE",
        ),
      ];
    }
    // The declarations that those of the flags add to.
    const types = inModules(place, "immuconfig", "dist", "index.d.ts");
    return types === undefined || read.has(realpathSync(types))
      ? [ok(`${config}: TypeScript reads the flags`)]
      : [
          fail(
            `${config}: TypeScript reads the flags, and does not find the package that they belong to`,
            "Set moduleResolution to bundler, node16, nodenext or node.",
          ),
        ];
  });
}

/** What is installed here, or else above. */
function inModules(folder: string, ...names: readonly string[]): string | undefined {
  return [...foldersUpwards(folder)]
    .map((above) => join(above, "node_modules", ...names))
    .find((path) => existsSync(path));
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
