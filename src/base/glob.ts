/** Patterns for paths, as package managers and TypeScript have them: `*`, `?`, `**`, `{a,b}`. */

/** Alternatives in one pattern; more are not followed. */
const ALTERNATIVES_MAX = 64;

/**
 * Whether a pattern fits a path.
 *
 * @param path relative, with slashes
 * @example matchesGlob("packages/*", "packages/api") // true
 */
export function matchesGlob(pattern: string, path: string): boolean {
  return alternativesOf(pattern).some((plain) => regexpOf(plain).test(path));
}

/** The patterns that one with braces stands for. */
export function alternativesOf(pattern: string): string[] {
  const queue = [pattern];
  const plain: string[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const braces = /\{([^{}]*)\}/.exec(next);
    const [whole = "", inside = ""] = braces ?? [];
    if (braces === null || queue.length + plain.length > ALTERNATIVES_MAX) {
      plain.push(next);
      continue;
    }
    const head = next.slice(0, braces.index);
    const tail = next.slice(braces.index + whole.length);
    queue.push(...inside.split(",").map((part) => head + part + tail));
  }
  return [...new Set(plain)];
}

/** A name's wildcards find no hidden one, as in a shell. */
function regexpOf(pattern: string): RegExp {
  const parts = pattern.split("/").map((part) => (part === "**" ? part : nameSource(part)));
  const source = parts.reduce((text, part, index) => {
    const isLast = index === parts.length - 1;
    if (part !== "**") return text + part + (isLast ? "" : "/");
    return text + (isLast ? "(?:(?!\\.)[^/]+/)*(?!\\.)[^/]+" : "(?:(?!\\.)[^/]+/)*");
  }, "");
  return new RegExp(`^${source}$`, "s");
}

function nameSource(part: string): string {
  const visible = /^[*?[]/.test(part) ? "(?!\\.)" : "";
  const source = part.replaceAll(/\[[^\]]*\]|[*?]|[\\^$.+()|{}[\]]/g, (token) => {
    if (token === "*") return "[^/]*";
    if (token === "?") return "[^/]";
    const isSet = token.length > 1;
    return isSet ? token.replace(/^\[!/, "[^").replaceAll("\\", "\\\\") : `\\${token}`;
  });
  return visible + source;
}
