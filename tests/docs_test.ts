/** The documents' links lead somewhere, and the files that they name are there. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { REPOSITORY } from "./support/repository.ts";

const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...[...new Glob("docs/**/*.md").scanSync(REPOSITORY)].toSorted(),
];
const LINK = /\]\(([^)\s]+)\)/g;
/** A file of the sources in backticks: `format/file.ts`, `src/format/file.ts`; not `cli/NAME.ts`. */
const MENTION =
  /`(?:src\/)?((?:base|format|store|registry|trust|runtime|live|native|ffi|bundle|upgrade|zig_import|cli)\/[\w./-]+\.(?:ts|zig))`/g;

function read(page: string): string {
  return readFileSync(join(REPOSITORY, page), "utf8");
}

/** The links of a page that lead into the repository: path from its root, and anchor. */
function links(page: string): { path: string; anchor: string | undefined }[] {
  return [...read(page).matchAll(LINK)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#");
      return { path: path === "" ? page : join(dirname(page), path), anchor };
    });
}

/** As GitHub makes them of headings. */
function anchors(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(PAGES)("%s", (page) => {
  test("has links that lead somewhere", () => {
    const broken = links(page).filter(({ path, anchor }) => {
      if (!existsSync(join(REPOSITORY, path))) return true;
      return anchor !== undefined && path.endsWith(".md") && !anchors(path).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test("names files that are there", () => {
    // Decisions are history: what they name may have moved on.
    const mentions = page.includes("/adr/") ? [] : [...read(page).matchAll(MENTION)];
    const missing = mentions
      .map((match) => match[1] ?? "")
      .filter((path) => !/[A-Z]{2}/.test(path) && !existsSync(join(REPOSITORY, "src", path)));
    expect(missing).toEqual([]);
  });
});

/** What a newcomer asks, and the definition that answers. */
const ANSWERS = {
  "a flag's name is validated": "export function checkFlagName(",
  "a file is replaced": "export function replaceFile(",
  "the pin is obeyed": "export function findPin(",
  "a new command goes": "export const COMMANDS =",
};

describe.each(Object.entries(ANSWERS))("where %s", (question, definition) => {
  test("is one link away from the README", () => {
    expect(links("README.md").map(({ path }) => path)).toContain("CONTRIBUTING.md");
    const row = read("CONTRIBUTING.md")
      .split("\n")
      .find((line) => line.startsWith(`| ${question} `));
    const [, path = ""] = /\]\((src\/[^)]+)\)/.exec(row ?? "") ?? [];
    expect(statSync(join(REPOSITORY, path)).isFile()).toBe(true);
    expect(read(path)).toContain(definition);
  });
});

test("the README leads to every page", () => {
  const seen = new Set<string>();
  const left = ["README.md"];
  for (let page = left.pop(); page !== undefined; page = left.pop()) {
    if (seen.has(page) || !page.endsWith(".md") || !existsSync(join(REPOSITORY, page))) continue;
    seen.add(page);
    left.push(...links(page).map(({ path }) => path));
  }
  // A link to a folder leads to all of it.
  const folders = [...seen].flatMap((page) =>
    links(page).map(({ path }) => `${path.replace(/\/$/, "")}/`),
  );
  const lost = PAGES.filter(
    (page) => !seen.has(page) && !folders.some((folder) => page.startsWith(folder)),
  );
  expect(lost).toEqual([]);
});
