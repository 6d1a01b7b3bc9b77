/** A program's own place: where the search for its record begins. */

/** How Bun calls the files inside an executable that it compiled. */
const EMBEDDED = /^(?:\/\$bunfs\/|[A-Za-z]:[\\/]~BUN[\\/])/;
/** The folder that packages are installed in, and what is before it. */
const INSTALLED = /^(.*?)[\\/]node_modules(?:[\\/]|$)/s;
const FOLDER = /^(.*)[\\/][^\\/]*$/s;

/**
 * The folder of a program, out of `node_modules`: an installed program belongs to the project that
 * installed it. Inside that project the working folder is the nearer place.
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
  const file = EMBEDDED.test(main) ? executable : main;
  if (!/^(?:\/|[A-Za-z]:[\\/])/.test(file)) return undefined;
  const project = INSTALLED.exec(file)?.[1];
  if (project !== undefined) return isInside(cwd, project) ? undefined : project || "/";
  const folder = FOLDER.exec(file)?.[1];
  return folder === cwd ? undefined : folder || "/";
}

function isInside(folder: string, project: string): boolean {
  if (!folder.startsWith(project)) return false;
  const next = folder[project.length];
  return next === undefined || next === "/" || next === "\\";
}
