/** What git is told about the file in the settings of a clone. Pure. */

import { shellWord } from "../../../base/text.ts";

/** The name under which .gitattributes and the settings refer to the drivers. */
export const DRIVER = "immuconfig";

/** The sections of a clone's settings that are ours. */
export const SECTIONS = [`diff.${DRIVER}`, `merge.${DRIVER}`] as const;

/**
 * The settings by name.
 *
 * @param command the words that start this program
 */
export function driverSettings(command: readonly string[]): Readonly<Record<string, string>> {
  const program = command.map(shellWord).join(" ");
  // In a merge driver a percent sign starts a placeholder.
  const mergeProgram = program.replaceAll("%", "%%");
  return {
    // Not cached: git would commit the cache, and `git diff` would fail where it knows no author.
    [`diff.${DRIVER}.textconv`]: `${program} inspect --textconv`,
    [`merge.${DRIVER}.name`]: "join flags and fields",
    [`merge.${DRIVER}.driver`]: `${mergeProgram} merge %O %A %B %P`,
  };
}
