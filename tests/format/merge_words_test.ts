/** What people are told of an open merge. */

import { expect, test } from "bun:test";
import { setTerminalMode, setTerminalSize } from "../../src/format/edit/set_fields.ts";
import type { File } from "../../src/format/file.ts";
import { conflictLines, conflictText, mergeFiles } from "../../src/format/merge/merge.ts";
import { PLAIN_FILE } from "../support/config_files.ts";

test("an open merge is said in words, each conflict in a line with both sides", () => {
  const ours = terminal("raw", 30);
  const theirs = terminal("pipe", 40);
  const { conflicts } = mergeFiles(PLAIN_FILE, ours, theirs);
  const lines = ["  terminal.mode: ours raw, theirs pipe", "  terminal.rows: ours 30, theirs 40"];
  expect(conflictLines(conflicts)).toEqual(lines);
  expect(conflictText("bunfig.lockb", conflicts)).toBe(
    [
      "bunfig.lockb: all that joins is joined; ours stands in for",
      ...lines,
      "  Settle it with `bun-config resolve`.",
    ].join("\n"),
  );
});

function terminal(mode: string, rows: number): File {
  return setTerminalMode(mode)(setTerminalSize("rows", rows)(PLAIN_FILE));
}
