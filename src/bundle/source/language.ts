/** Which language a source is written in, by its name. */

import { pathOf } from "../flags/module_path.ts";

/** As the parser takes it; a frontmatter is TypeScript that may return at its top. */
export type Language = "jsx" | "ts" | "tsx" | "frontmatter";

/**
 * @param id a path, perhaps with a bundler's query behind it, which may name the language of a part:
 * `App.vue?vue&type=script&lang.ts`
 */
export function languageOf(id: string): Exclude<Language, "frontmatter"> {
  const extension =
    /\.[cm]?([jt]sx?)$/.exec(pathOf(id))?.[1] ?? /[?&]lang[.=]([jt]sx?)\b/.exec(id)?.[1];
  // Bun and every bundler here take JSX in a .js file, but not in a .ts file.
  return extension === "ts" || extension === "tsx" ? extension : "jsx";
}
