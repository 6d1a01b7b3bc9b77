import { expect, test } from "bun:test";
import { bundlerNote } from "../../../src/cli/commands/setup/project/bundler_note.ts";

const noteOf = (manifest: unknown): string | undefined => bundlerNote(JSON.stringify(manifest));

test("a project with a bundler is told what brings the adapters", () => {
  const note = noteOf({ dependencies: { next: "16" }, devDependencies: { vite: "8", other: "1" } });
  expect(note).toContain("What vite, next builds");
  expect(note).toContain("bun add -d @immuconfig/build");
});

test("others are not", () => {
  const build = { "@immuconfig/build": "*" };
  for (const manifest of [
    {},
    { dependencies: { react: "1" } },
    { devDependencies: { vite: "8", ...build } },
    { dependencies: build, devDependencies: { vite: "8" } },
    { devDependencies: ["vite"] },
  ]) {
    expect(noteOf(manifest)).toBeUndefined();
  }
  expect(bundlerNote("no JSON")).toBeUndefined();
});
