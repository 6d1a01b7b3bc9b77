/**
 * Whether this process is free of the settings of the folder that it was started in. Bun runs the
 * preload of a `bunfig.toml` before any program, puts a `.env` into its environment, and looks up the
 * program's own path in the `paths` of a `tsconfig.json` there or above: in a stranger's clone, they
 * would decide what the command says, or what it is. The built command starts Bun with these options
 * (scripts/build.ts); where it was started in another way, it starts itself anew.
 */

const ON_WINDOWS = ["--config=/dev/null", "--no-env-file"];
const ELSEWHERE = [...ON_WINDOWS, "--tsconfig-override=/dev/null"];

/** The options of Bun that keep a folder's settings out. Windows has no empty file that is always there. */
export function cleanOptions(isWindows: boolean): readonly string[] {
  return isWindows ? ON_WINDOWS : ELSEWHERE;
}

export const CLEAN_OPTIONS: readonly string[] =
  process.platform === "win32" ? ON_WINDOWS : ELSEWHERE;

export function isStartedClean(): boolean {
  // Node reads no file of the folder.
  if (typeof Bun === "undefined") return true;
  const { execArgv, env } = process;
  // Plain steps, as they are taken at every start.
  let count = 0;
  while (count < CLEAN_OPTIONS.length && execArgv.includes(CLEAN_OPTIONS[count] ?? "")) count++;
  return count === CLEAN_OPTIONS.length || isFolderClean(env["NODE_ENV"]);
}

/** What Bun reads in the working folder is not there. It needs no module to say how large a file is. */
function isFolderClean(environment = "development"): boolean {
  const mode = `.env.${environment}`;
  return ["bunfig.toml", ".env", ".env.local", mode, `${mode}.local`].every(
    (name) => Bun.file(name).size === 0,
  );
}
