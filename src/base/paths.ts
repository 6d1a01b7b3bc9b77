/**
 * Path arithmetic for programs that have just started, which node:path would keep waiting: its
 * results for absolute folders, without loading it. Windows has rules of its own, and pays.
 */

const isWindows = process.platform === "win32";
const SEPARATOR = isWindows ? "\\" : "/";

/** `path` as seen from a folder, with neither `.` nor `..` nor a slash at its end. */
export function absolutePath(folder: string, path: string): string {
  if (isWindows) return process.getBuiltinModule("node:path").resolve(folder, path);
  const whole = path.startsWith("/") ? path : joined(folder, path);
  if (isPlain(whole)) return whole;
  const kept: string[] = [];
  for (const name of whole.split("/")) {
    if (name === "..") kept.pop();
    else if (name !== "" && name !== ".") kept.push(name);
  }
  return `/${kept.join("/")}`;
}

/** The two joined, with each step up at the start of `path` taken from the folder. */
function joined(folder: string, path: string): string {
  if (!isPlain(folder)) return `${folder}/${path}`;
  let base = folder;
  let rest = path;
  while (rest.startsWith("../")) {
    base = base.slice(0, Math.max(base.lastIndexOf("/"), 0));
    rest = rest.slice(3);
  }
  return `${base}/${rest}`;
}

/** Nothing of it goes up, says nothing, or names the same folder once more. */
function isPlain(path: string): boolean {
  return !path.includes("/.") && !path.includes("//") && !path.endsWith("/");
}

/**
 * How to get from a folder to a path, both as `absolutePath` gives them.
 *
 * @example relativePath("/a/b", "/a/c.js") // "../c.js"
 */
export function relativePath(folder: string, path: string): string {
  if (isWindows) return process.getBuiltinModule("node:path").relative(folder, path);
  const inside = folder === "/" ? folder : `${folder}/`;
  if (path.startsWith(inside)) return path.slice(inside.length);
  const from = folder.split("/");
  const to = path.split("/");
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].filter(Boolean).join("/");
}

/** A path as messages show it on every system: from the folder where it lies below it. */
export function shownPath(folder: string, path: string): string {
  const below = relativePath(folder, path);
  const shown = /^\.\.(?:[/\\]|$)/.test(below) ? path : below;
  return isWindows ? shown.replaceAll("\\", "/") : shown;
}

/**
 * Whether a path lies below a folder; the folder itself does not.
 *
 * @param path absolute, as this system spells it; so is `folder`
 * @example liesBelow("/a/b/c", "/a/b") // true; false for "/a/bc"
 */
export function liesBelow(path: string, folder: string): boolean {
  const inside = folder.endsWith(SEPARATOR) ? folder : folder + SEPARATOR;
  return path !== folder && path.startsWith(inside);
}

export function isAbsolutePath(path: string): boolean {
  if (isWindows) return process.getBuiltinModule("node:path").isAbsolute(path);
  return path.startsWith("/");
}
