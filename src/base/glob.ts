/** Patterns for paths, as package managers and TypeScript have them: `*`, `?`, `**`, `{a,b}`. */

/** Alternatives in one pattern; more are not followed. */
const ALTERNATIVES_MAX = 64;

/** Letters between brackets, or one letter. */
const SIGN = /\[[^[\]]*\]|[^]/gu;

/**
 * Whether a pattern fits a path, in time that the lengths of both bound, whoever wrote the pattern.
 *
 * @param path relative, with slashes
 * @example matchesGlob("packages/*", "packages/api") // true
 */
export function matchesGlob(pattern: string, path: string): boolean {
  return alternativesOf(pattern).some((plain) => fits(plain, path));
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
    queue.push(...inside.split(",", ALTERNATIVES_MAX).map((part) => head + part + tail));
  }
  return [...new Set(plain)];
}

/** A wildcard for names, and in a name. */
const ANY = "**";
type Matcher = (item: string) => boolean;
type Sign = Matcher | typeof ANY;

/** A name's wildcards find no hidden one, as in a shell. */
function fits(pattern: string, path: string): boolean {
  const parts = pattern.split("/");
  const isOpen = parts.at(-1) === ANY;
  // Behind the last of them is a name, which is no hidden one.
  const last: Matcher[] = isOpen ? [isVisible] : [];
  const matchers = parts.map((part): Sign => (part === ANY ? ANY : nameMatcher(part)));
  return fitsInOrder([...matchers, ...last], path.split("/"), isVisible);
}

function isVisible(name: string): boolean {
  return name !== "" && !name.startsWith(".");
}

function nameMatcher(part: string): Matcher {
  const signs = [...part.matchAll(SIGN)].map(([sign]): Sign => {
    if (sign === "*") return ANY;
    if (sign === "?") return () => true;
    return sign.length > 1 && sign.endsWith("]") ? setOf(sign) : (letter) => letter === sign;
  });
  const isWild = /^[*?[]/.test(part);
  return (name) =>
    (!isWild || !name.startsWith(".")) && fitsInOrder(signs, Array.from(name), () => true);
}

/** `[a-z_]`, or all but these: `[!a-z_]`. */
function setOf(text: string): Matcher {
  const isTurned = text.startsWith("[!");
  const letters = Array.from(text.slice(isTurned ? 2 : 1, -1));
  const ranges: [string, string][] = [];
  for (let at = 0; at < letters.length; at++) {
    const [from = "", dash, to] = letters.slice(at, at + 3);
    const isRange = dash === "-" && to !== undefined;
    ranges.push([from, isRange ? to : from]);
    if (isRange) at += 2;
  }
  return (letter) => ranges.some(([from, to]) => from <= letter && letter <= to) !== isTurned;
}

/**
 * Whether items fit matchers one by one, where `ANY` takes any number of those that it may. Only the last
 * `ANY` is ever tried again: one before it gains nothing by taking more.
 */
function fitsInOrder(signs: readonly Sign[], items: readonly string[], mayTake: Matcher): boolean {
  let [at, sign] = [0, 0];
  let again: { at: number; readonly sign: number } | undefined;
  while (at < items.length || sign < signs.length) {
    const next = signs[sign];
    const item = items[at];
    if (next === ANY) {
      again = { at, sign };
      sign++;
    } else if (next !== undefined && item !== undefined && next(item)) {
      at++;
      sign++;
    } else {
      const taken = again === undefined ? undefined : items[again.at];
      if (again === undefined || taken === undefined || !mayTake(taken)) return false;
      again.at++;
      [at, sign] = [again.at, again.sign + 1];
    }
  }
  return true;
}
