/** The TypeScript declarations that name a file's flags. Pure. */

import { isIdentifier } from "../../base/text.ts";
import { type File, flagMeta, isRetired } from "../../format/file.ts";
import type { FlagMeta } from "../../format/meta.ts";

/**
 * The name of the file that holds them. Not the package's: under `baseUrl`, TypeScript takes a file
 * of that name for the package.
 */
export const TYPES_NAME = "immuconfig-env.d.ts";

const HEADER = "// Written by `bun-config types` from ";

/** Whether a text is one of ours, of whatever record. */
export function isTypesText(text: string): boolean {
  return text.startsWith(HEADER);
}

/** The members are laid out by us, whatever the project's formatter is set to. */
const IGNORE = "// prettier-ignore";

/**
 * Types `config.features`, `Bun.config.features` and `feature()` of `bun:bundle`, so that a flag
 * that is not defined, or retired, is a type error. The text passes formatters and linters under
 * any settings: it has no statement that ends in a semicolon or not.
 *
 * @param source the file's name, for the heading
 * @param hasBunTypes the project has types of Bun, which `Bun.config` belongs to
 */
export function typeDeclarations(file: File, source: string, hasBunTypes: boolean): string {
  const flags = file.flags.filter(({ name }) => !isRetired(file, name));
  const members = flags.flatMap(({ name }) => member(name, flagMeta(file, name)));
  const names = flags.map(({ name }) => JSON.stringify(name));
  const registry =
    members.length === 0
      ? []
      : [
          "",
          IGNORE,
          'declare module "immuconfig" {',
          "  interface FeatureRegistry {",
          ...members,
          "  }",
          "}",
        ];
  return [
    `${HEADER}${source}. Changes here are lost.`,
    ...(hasBunTypes ? ['/// <reference types="immuconfig/register" />'] : []),
    ...registry,
    "",
    IGNORE,
    'declare module "bun:bundle" {',
    "  interface Registry {",
    '    features: Flags["names"];',
    "  }",
    "}",
    "",
    // What is exported makes the file a module, which the two above have to be in.
    IGNORE,
    "export interface Flags {",
    `  names: ${names.length === 0 ? "never" : names.join(" | ")};`,
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
  const key = isIdentifier(name) ? name : JSON.stringify(name);
  const declaration = `    ${key}: boolean;`;
  if (notes.length === 0) return [declaration];
  // The text may hold what would end the comment.
  const lines = notes.map((note) => `     * ${note.replaceAll("*/", "*\\/")}`);
  return ["    /**", ...lines, "     */", declaration];
}
