/** What a project with a bundler of its own lacks. Pure. */

import { isObject } from "../../../../base/json.ts";
import { parseJsoncObject } from "../../../../base/jsonc.ts";

/** What takes an adapter, or has a bundler inside that does. */
const BUNDLERS = [
  "vite",
  "vitest",
  "rollup",
  "rolldown",
  "webpack",
  "next",
  "@rspack/core",
  "esbuild",
];
const BUILD = "@immuconfig/build";

/** @param manifest the text of package.json */
export function bundlerNote(manifest: string): string | undefined {
  const { dependencies, devDependencies } = parseJsoncObject(manifest) ?? {};
  const names = new Set(
    [dependencies, devDependencies].flatMap((listed) =>
      isObject(listed) ? Object.keys(listed) : [],
    ),
  );
  const found = BUNDLERS.filter((name) => names.has(name));
  if (found.length === 0 || names.has(BUILD)) return undefined;
  return `What ${found.join(", ")} builds gets the flags by an adapter: \`bun add -d ${BUILD}\`.`;
}
