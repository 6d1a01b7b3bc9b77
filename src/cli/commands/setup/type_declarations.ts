/** The TypeScript declarations that name a file's flags. Pure. */

import { isIdentifier } from "../../../base/text.ts";
import { type File, flagMeta, isRetired } from "../../../format/file.ts";
import type { FlagMeta } from "../../../format/meta.ts";

/** The name of the file that holds them, beside the configuration file. */
export const TYPES_NAME = "immuconfig.d.ts";

/**
 * Types `config.features`, `Bun.config.features` and `feature()` of `bun:bundle`, so that a flag
 * that is not defined, or retired, is a type error. The text is laid out as Prettier leaves it.
 *
 * @param source the file's name, for the heading
 */
export function typeDeclarations(file: File, source: string): string {
  const flags = file.flags.filter(({ name }) => !isRetired(file, name));
  const members = flags.flatMap(({ name }) => member(name, flagMeta(file, name)));
  return [
    `// Written by \`bun-config types\` from ${source}. Changes here are lost.`,
    'import "immuconfig/register";',
    "",
    'declare module "immuconfig" {',
    ...(flags.length === 0
      ? ["  interface FeatureRegistry {}"]
      : ["  interface FeatureRegistry {", ...members, "  }"]),
    "}",
    "",
    'declare module "bun:bundle" {',
    "  interface Registry {",
    '    features: keyof import("immuconfig").FeatureRegistry;',
    "  }",
    "}",
    "",
  ].join("\n");
}

function member(name: string, { description, owner, expires }: FlagMeta): string[] {
  const notes = [
    description,
    owner === undefined ? undefined : `Owner: ${owner}.`,
    expires === undefined ? undefined : `Expires ${expires}.`,
  ].filter((note) => note !== undefined);
  const declaration = `    ${isIdentifier(name) ? name : JSON.stringify(name)}: boolean;`;
  if (notes.length === 0) return [declaration];
  // The text may hold what would end the comment.
  const lines = notes.map((note) => `     * ${note.replaceAll("*/", "*\\/")}`);
  return ["    /**", ...lines, "     */", declaration];
}
