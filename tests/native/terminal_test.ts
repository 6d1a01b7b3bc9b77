import { describe, expect, test } from "bun:test";
import { openSync, closeSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { openTerminals } from "../../src/native/terminal.ts";
import { hasAllCores, LIBRARY_PATH, openNativeCores } from "../support/native_cores.ts";

const hasTerminals = process.platform === "linux" || process.platform === "darwin";
const COOKED = { echo: true, icanon: true, opost: true };

describe.skipIf(!hasAllCores)("terminals", () => {
  test.skipIf(!hasTerminals)(
    "have a size and a mode, which comes back",
    async () => {
      let output = "";
      const child = Bun.spawn([process.execPath, join(import.meta.dir, "terminal_child.ts")], {
        terminal: {
          rows: 31,
          cols: 97,
          data(_, data) {
            output += Buffer.from(data).toString();
          },
        },
        timeout: 20_000,
      });
      expect(await child.exited).toBe(0);
      const report = /report (\[.*\])/.exec(output)?.[1] ?? output;
      expect(JSON.parse(report)).toEqual([
        { rows: 31, cols: 97 },
        { rows: 24, cols: 97 },
        { echo: false, icanon: false, opost: false },
        COOKED,
        { ...COOKED, opost: false },
        COOKED,
      ]);
    },
    30_000,
  );

  test("are told from other files, and their values from other values", () => {
    const terminals = openTerminals(LIBRARY_PATH);
    const file = openSync(devNull, "r+");
    try {
      expect(() => terminals.terminalSize(file)).toThrow(/is not a terminal/);
      expect(() => terminals.passOutput(file)).toThrow(/is not a terminal/);
      const settings = { mode: "raw", rows: 24, cols: 80 } as const;
      expect(() => terminals.terminalInit(file, settings)).toThrow(/is not a terminal/);
      expect(() => terminals.terminalInit(file, { ...settings, rows: 256 })).toThrow(
        /rows must be/,
      );
    } finally {
      closeSync(file);
    }
  });

  test("are out of WebAssembly's reach, and it says so", () => {
    const wasm = openNativeCores().find(({ backend }) => backend === "wasm");
    expect(() => wasm?.terminalSize(0)).toThrow(
      expect.objectContaining({ code: "ERR_UNSUPPORTED" }),
    );
  });
});
