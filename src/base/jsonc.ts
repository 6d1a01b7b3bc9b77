/** JSON with comments and trailing commas, as package.json and tsconfig.json may have them. */

/** A string, a comment, or a comma before the end of a list or an object. */
const TOKEN =
  /"(?:[^"\\]|\\.)*"|\/\/[^\r\n]*|\/\*[^]*?\*\/|(?<![[{,]\s*),(?=(?:\s|\/\/[^\r\n]*|\/\*[^]*?\*\/)*[\]}])/g;

/**
 * @throws SyntaxError
 * @example parseJsonc('{"a": [1,],} // end') // { a: [1] }
 */
export function parseJsonc(text: string): unknown {
  return JSON.parse(text.replace(TOKEN, (token) => (token.startsWith('"') ? token : " ")));
}
