/** A program's own place: where the search for its record begins. */

/** Where Bun puts the files inside an executable that it compiled; on Windows the second. */
const EMBEDDED = ["/$bunfs/", "B:/~BUN/"];
/** The folder that packages are installed in. */
const INSTALLED = "/node_modules/";

/**
 * The folder of a program, out of `node_modules`: an installed program belongs to the project that
 * installed it. Inside that project the working folder is the nearer place.
 *
 * Few and plain steps: this runs at every start.
 *
 * @param main the path of the main module, absolute and without symbolic links; undefined or
 * relative where the runtime knows none
 * @param cwd the working folder
 * @returns undefined where the working folder is the only place
 */
export function programFolder(
  main: string | undefined,
  cwd: string,
  executable = process.execPath,
): string | undefined {
  if (main === undefined) return undefined;
  const file = withSlashes(isEmbedded(main) ? executable : main);
  if (file[0] !== "/" && file[1] !== ":") return undefined;
  const installed = file.indexOf(INSTALLED);
  if (installed === -1) {
    const folder = file.slice(0, file.lastIndexOf("/")) || "/";
    return folder === withSlashes(cwd) ? undefined : folder;
  }
  const project = file.slice(0, installed);
  return `${withSlashes(cwd)}/`.startsWith(`${project}/`) ? undefined : project;
}

/** Whether a main module lies inside an executable that Bun compiled. */
export function isEmbedded(main: string): boolean {
  const path = withSlashes(main);
  return EMBEDDED.some((folder) => path.startsWith(folder));
}

function withSlashes(path: string): string {
  return path.includes("\\") && path[1] === ":" ? path.replaceAll("\\", "/") : path;
}
