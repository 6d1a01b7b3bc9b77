/** Which inputs of a build are code. */

import type { BuildMetafile } from "bun";

/**
 * The inputs but for those that are imported as something else, such as a script as its text.
 *
 * @returns paths as the bundler names them
 */
export function codeInputs({ inputs }: BuildMetafile): string[] {
  const asData = new Set<string>();
  for (const { imports } of Object.values(inputs)) {
    for (const { path, with: attributes } of imports) {
      if (attributes?.["type"] !== undefined) asData.add(path);
    }
  }
  return Object.entries(inputs).flatMap(([path, { format }]) => {
    const isCode = format === "esm" || format === "cjs";
    return isCode || !asData.has(path) ? [path] : [];
  });
}
