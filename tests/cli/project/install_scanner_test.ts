import { expect, test } from "bun:test";
import { addPreload, removePreload } from "../../../src/cli/commands/setup/project/bunfig_toml.ts";
import {
  addScanner,
  removeScanner,
} from "../../../src/cli/commands/setup/project/install_scanner.ts";

const LINE = 'scanner = "./immuconfig-gate.mjs"';

const TEXTS: readonly (string | undefined)[] = [
  undefined,
  "",
  "\n",
  '[install]\nregistry = "https://a.test"\n',
  '[install]\nregistry = "https://a.test"',
  "[install.security]\n",
  "# ours\n\n[install.security]\n",
  "# ours\n\n[install.security]",
  "[install.security] # why\r\nlevel = 1\r\n\r\n[test]\r\nroot = 'a'\r\n",
  'preload = ["./a.ts"]\r\n',
];

test.each(TEXTS.map((text) => [text]))("%p gets a scanner, and every byte back", (text) => {
  const added = addScanner(text);
  expect(added.notes).toEqual([]);
  expect(Bun.TOML.parse(added.text ?? "")).toMatchObject({
    install: { security: { scanner: "./immuconfig-gate.mjs" } },
  });
  expect(addScanner(added.text)).toEqual({ text: added.text, notes: [] });
  expect(removeScanner(added.text)).toEqual({ text, notes: [] });
});

test.each(TEXTS.map((text) => [text]))("%p: with a preload that came later, too", (text) => {
  const both = addPreload(addScanner(text).text).text;
  expect(removePreload(removeScanner(both).text).text).toBe(text);
  const other = addScanner(addPreload(text).text).text;
  expect(removePreload(removeScanner(other).text).text).toBe(text);
});

test.each([
  ['[install.security]\nscanner = "@acme/scanner"\n', "another scanner, which stays"],
  ["install = { security = {} }\n", `Put ${LINE} under`],
  ["[install\n", `Put ${LINE} under`],
])("%p is left to the user", (text, note) => {
  expect(addScanner(text)).toEqual({ text, notes: [expect.stringContaining(note)] });
  expect(removeScanner(text)).toEqual({ text, notes: [] });
});
