/** Which lines a change adds and removes. Pure. */

/** Above so many pairs of lines, the changed middle is shown whole. */
const PAIRS_MAX = 1_000_000;

/**
 * @returns the removed lines with `-` in front and the added ones with `+`, in order; the lines
 * around them are left out
 */
export function lineDiff(before: string, after: string): string[] {
  const old = linesOf(before);
  const now = linesOf(after);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let oldEnd = old.length;
  let nowEnd = now.length;
  while (oldEnd > start && nowEnd > start && old[oldEnd - 1] === now[nowEnd - 1]) {
    oldEnd -= 1;
    nowEnd -= 1;
  }
  return diffMiddle(old.slice(start, oldEnd), now.slice(start, nowEnd));
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** By the longest common subsequence. */
function diffMiddle(old: readonly string[], now: readonly string[]): string[] {
  if (old.length * now.length > PAIRS_MAX) {
    return [...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
  }
  const width = now.length + 1;
  // common[i * width + j]: how many lines old[i..] and now[j..] have in common.
  const common = new Uint32Array((old.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      common[i * width + j] =
        old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const diff: string[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      i += 1;
      j += 1;
    } else if (i < old.length && (j === now.length || at(i + 1, j) >= at(i, j + 1))) {
      diff.push(`-${old[i]}`);
      i += 1;
    } else {
      diff.push(`+${now[j]}`);
      j += 1;
    }
  }
  return diff;
}
