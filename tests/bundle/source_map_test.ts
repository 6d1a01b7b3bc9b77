/** An error thrown in a live branch leads to its line in the source, in every bundler. */

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TraceMap, originalPositionFor } from "@jridgewell/trace-mapping";
import { BUNDLERS } from "./bundlers.ts";
import { makeFolder, writeFiles, writeFixtureRecord } from "./support.ts";

const SOURCE = `import { feature } from "bun:bundle";

interface Input { text: string }

export function check(input: Input): string {
  if (feature(
    "OFF"
  )) return "dead";
  if (feature("ON") && input.text === "😀") {
    throw new Error(\`live \${input.text}\`);
  }
  return input.text;
}
`;
const THROW_LINE = 10;

const folder = makeFolder();
const options = { file: writeFixtureRecord(folder) };
const root = join(folder, "src");
const entry = writeFiles(join(root, "app"), {
  "main.ts": 'import { check } from "./check.ts";\ncheck({ text: "😀" });\n',
  "check.ts": SOURCE,
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(BUNDLERS)("$name", ({ name, build }) => {
  test("maps a thrown error to its line, in the source as it was written", async () => {
    const outdir = join(folder, name);
    await build({ entries: { app: entry }, root, outdir, options, maps: true });
    const bundle = join(outdir, "app.mjs");
    const place = await thrownAt(bundle);
    const trace = new TraceMap(readFileSync(`${bundle}.map`, "utf8"));
    const index = trace.sources.findIndex((path) => path?.endsWith("check.ts"));
    expect(trace.sourcesContent?.[index]).toBe(SOURCE);
    if (place.file === bundle) {
      const found = originalPositionFor(trace, { line: place.line, column: place.column - 1 });
      expect(found.line).toBe(THROW_LINE);
      expect(found.source).toEndWith("check.ts");
    } else {
      // Bun follows the maps of its own bundles.
      expect(place).toMatchObject({ file: join(root, "app", "check.ts"), line: THROW_LINE });
    }
  }, 20_000);
});

/** Runs a bundle, and says where the error was thrown. */
async function thrownAt(bundle: string): Promise<{ file: string; line: number; column: number }> {
  const error: unknown = await import(bundle).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const [, file, line, column] = /at (?:.*\()?(\/[^()]+):(\d+):(\d+)/.exec(stack) ?? [];
  if (file === undefined) throw new Error(`no place in: ${stack}`);
  return { file, line: Number(line), column: Number(column) };
}
