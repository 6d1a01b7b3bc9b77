/** A source without what its comments and literals say, so that code can be told from text. Pure. */

const LINE_END = String.raw`\n\r\u2028\u2029`;

const HAS_LINE_END = new RegExp(`[${LINE_END}]`);

/** Words behind which a slash begins a regular expression, and not a division. */
const BEFORE_REGEX =
  "return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|yield|await|default|extends";

/**
 * Tried from left to right at each place. What is a slash for depends on what stands before it, so
 * only the clear cases are taken.
 */
const LITERAL = new RegExp(
  [
    String.raw`\/\*[^]*?\*\/`,
    String.raw`\/\/[^${LINE_END}]*`,
    String.raw`"(?:[^"\\\n\r]|\\[^])*"`,
    String.raw`'(?:[^'\\\n\r]|\\[^])*'`,
    // A template, if what it interpolates holds no literal of its own.
    "`" + String.raw`(?:[^\x60\\$]|\\[^]|\$(?!\{)|\$\{[^\x60'"{}\/\\]*\})*` + "`",
    String.raw`(?<=[(,=:[&|?;{] ?)\/(?![*\/])(?:[^/\\[${LINE_END}]|\\[^${LINE_END}]|\[(?:[^\]\\${LINE_END}]|\\[^${LINE_END}])*\])+\/[a-z]*`,
    String.raw`(?<!\b(?:${BEFORE_REGEX}) ?)(?<=[\w$\]] ?)(\/)(?![*\/])`,
    // The start of something else.
    "[\"'\x60/]",
  ].join("|"),
  "g",
);

/** Escapes that cannot stand for a letter or a sign of a name that matters. */
const HARMLESS_ESCAPES = /^(?:[^\\]|\\[nrtbfv0'"`\\$])*$/;

/**
 * The text with blanks or line ends in place of comments, and `"___"` in place of strings, templates and regular
 * expressions. Every other character stays, at its place.
 *
 * @returns undefined when only a parser can tell where a literal ends, or when one spells something
 * with escapes
 */
export function blankLiterals(code: string): string | undefined {
  let sure = !code.startsWith("#!");
  const blanked = code.replace(LITERAL, (literal: string, division?: string) => {
    if (literal.length === 1) {
      sure &&= division !== undefined;
      return literal;
    }
    const [first, second] = literal;
    if (first === "/" && (second === "/" || second === "*")) {
      return (HAS_LINE_END.test(literal) ? "\n" : " ").repeat(literal.length);
    }
    sure &&= first === "/" || HARMLESS_ESCAPES.test(literal);
    return `"${"_".repeat(literal.length - 2)}"`;
  });
  return sure ? blanked : undefined;
}
