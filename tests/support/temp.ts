/** Temporary folders that vanish with the tests that made them. */

import { afterAll } from "bun:test";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * To be called at the top of a test file: what it returns makes a new empty folder, which is
 * removed after the last test of that file.
 *
 * @example
 * const temporaryFolder = useTemporaryFolders();
 * test("…", () => { const folder = temporaryFolder(); … });
 */
export function useTemporaryFolders(): () => string {
  const folders: string[] = [];
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    const folder = newTemporaryFolder();
    folders.push(folder);
    return folder;
  };
}

/** A new empty folder, by its real path; the caller removes it. */
export function newTemporaryFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-")));
}
