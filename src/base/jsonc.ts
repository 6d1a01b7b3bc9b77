/** JSON with comments and trailing commas, as package.json and tsconfig.json may have them. */

import { isObject } from "./json.ts";

/** A string, which ends with the text at the latest, as what follows does: each byte is looked at once. */
const STRING = String.raw`"[^"\\]*(?:\\[^][^"\\]*)*"?`;
const COMMENT = new RegExp(String.raw`${STRING}|//[^\r\n]*|/\*[^]*?(?:\*/|($))`, "g");
/** Two commas, or one that nothing stands before, are left to the parser of JSON. */
const COMMA = new RegExp(String.raw`${STRING}|[[{,]\s*,|,(?=\s*[\]}])`, "g");

/**
 * @throws SyntaxError
 * @example parseJsonc('{"a": [1,],} // end') // { a: [1] }
 */
export function parseJsonc(text: string): unknown {
  const bare = text.replace(COMMENT, (token, openEnd?: string) =>
    token.startsWith('"') || openEnd !== undefined ? token : " ",
  );
  return JSON.parse(bare.replace(COMMA, (token) => (token === "," ? "" : token)));
}

/**
 * The object that such a text holds, behind a byte order mark or not; undefined where it holds another
 * thing, or cannot be read.
 */
export function parseJsoncObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJsonc(text.replace(/^\uFEFF/, ""));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
