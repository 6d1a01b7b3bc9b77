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

/** Prettier does not lay out anew what follows. Biome has it as it would be. */
export const IGNORE = "// prettier-ignore";
/** Columns of a line, as Biome counts them where nobody says more. */
const LINE_WIDTH = 80;

/** How a text is written, which linters of style look at. */
export interface TypesStyle {
  readonly quote: '"' | "'";
  /** What ends a member. */
  readonly end: ";" | "";
  /** One level of it. */
  readonly indent: string;
}

export const DEFAULT_STYLE: TypesStyle = { quote: '"', end: ";", indent: "  " };

/** The style in which declarations of ours are written, after a linter has mended them, perhaps. */
export function styleOfTypes(text: string): TypesStyle {
  const quote = /^declare module (["'])/m.exec(text)?.[1] === "'" ? "'" : '"';
  const indent = /^([ \t]+)interface Registry /m.exec(text)?.[1] ?? DEFAULT_STYLE.indent;
  const end = /^[ \t]+features: .*?(;?)$/m.exec(text)?.[1];
  return { quote, end: end === "" ? "" : ";", indent };
}

/**
 * Types `config.features`, `Bun.config.features` and `feature()` of `bun:bundle`, so that a flag
 * that is not defined, or retired, is a type error.
 *
 * @param source the file's name, for the heading
 * @param hasBunTypes the project has types of Bun, which `Bun.config` belongs to
 * @param style in which formatters and linters of the project pass the text
 */
export function typeDeclarations(
  file: File,
  source: string,
  hasBunTypes: boolean,
  style: TypesStyle = DEFAULT_STYLE,
): string {
  const text = (value: string): string => style.quote + value + style.quote;
  const flags = file.flags.filter(({ name }) => !isRetired(file, name));
  const members = flags.flatMap(({ name }) => {
    const key = isIdentifier(name) ? name : text(name);
    return [...comment(flagMeta(file, name)), `    ${key}: boolean${style.end}`];
  });
  const names = flags.map(({ name }) => text(name));
  const registry =
    members.length === 0
      ? []
      : [
          "",
          IGNORE,
          `declare module ${text("immuconfig")} {`,
          "  interface FeatureRegistry {",
          ...members,
          "  }",
          "}",
        ];
  const lines = [
    `${HEADER}${source}. Changes here are lost.`,
    // What is only added to does not bring the module itself: `feature()` needs it.
    '/// <reference types="immuconfig" />',
    ...(hasBunTypes ? ['/// <reference types="immuconfig/register" />'] : []),
    ...registry,
    "",
    IGNORE,
    `declare module ${text("bun:bundle")} {`,
    "  interface Registry {",
    `    features: Flags[${text("names")}]${style.end}`,
    "  }",
    "}",
    "",
    // What is exported makes the file a module, which the two above have to be in.
    IGNORE,
    "export interface Flags {",
    ...union("names", names.length === 0 ? ["never"] : names, style.end),
    "}",
    "",
  ];
  return lines.map((line) => indented(line, style.indent)).join("\n");
}

function union(name: string, types: readonly string[], end: string): string[] {
  const line = `  ${name}: ${types.join(" | ")}${end}`;
  if (line.length <= LINE_WIDTH) return [line];
  const parts = types.map((type) => `    | ${type}`);
  return [`  ${name}:`, ...parts.slice(0, -1), `${parts.at(-1)}${end}`];
}

/** Two blanks a level become the project's; the one before a comment's star stays. */
function indented(line: string, indent: string): string {
  const levels = Math.floor((line.length - line.trimStart().length) / 2);
  return indent.repeat(levels) + line.slice(levels * 2);
}

function comment({ description, owner, expires }: FlagMeta): string[] {
  const notes = [
    description,
    owner === undefined ? undefined : `Owner: ${owner}.`,
    expires === undefined ? undefined : `Expires ${expires}.`,
  ].filter((note) => note !== undefined);
  if (notes.length === 0) return [];
  // The text may hold what would end the comment.
  const lines = notes.map((note) => `     * ${note.replaceAll("*/", "*\\/")}`);
  return ["    /**", ...lines, "     */"];
}
