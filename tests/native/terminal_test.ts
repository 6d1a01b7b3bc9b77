import { describe, expect, test } from "bun:test";
import { openSync, closeSync } from "node:fs";
import { devNull } from "node:os";
import { join } from "node:path";
import { openCores } from "../support/native_cores.ts";

const cores = openCores();
const hasTerminals = process.platform === "linux" || process.platform === "darwin";

describe.each(cores.map((core) => [core.backend, core] as const))("%s", (backend, core) => {
  test.skipIf(!hasTerminals)(
    "reads the size, sets raw mode and restores it",
    async () => {
      let output = "";
      const child = Bun.spawn(
        [process.execPath, join(import.meta.dir, "terminal_child.ts"), backend],
        {
          terminal: {
            rows: 31,
            cols: 97,
            data(_, data) {
              output += Buffer.from(data).toString();
            },
          },
          timeout: 20_000,
        },
      );
      expect(await child.exited).toBe(0);
      const report = /report (\[.*\])/.exec(output)?.[1] ?? output;
      expect(JSON.parse(report)).toEqual([
        { rows: 31, cols: 97 },
        { rows: 24, cols: 97 },
        { echo: false, lines: false },
        { echo: true, lines: true },
      ]);
    },
    30_000,
  );

  test("says what is no terminal, and which values are none", () => {
    const file = openSync(devNull, "r+");
    try {
      expect(() => core.terminalSize(file)).toThrow(/is not a terminal/);
      const settings = { mode: "raw", rows: 24, cols: 80 } as const;
      expect(() => core.terminalInit(file, settings)).toThrow(/is not a terminal/);
      expect(() => core.terminalInit(file, { ...settings, rows: 256 })).toThrow(/rows must be/);
    } finally {
      closeSync(file);
    }
  });
});
