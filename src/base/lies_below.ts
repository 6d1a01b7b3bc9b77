/** Whether one place lies below another. Pure. */

import { sep } from "node:path";

/**
 * @param path absolute, as this system spells it; so is `folder`
 * @returns false for the folder itself
 * @example liesBelow("/a/b/c", "/a/b") // true; false for "/a/bc"
 */
export function liesBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
