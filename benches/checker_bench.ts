// What the checker costs a file, beside the mere parse of the same files: `bun
// benches/checker_bench.ts`. With --quick it runs once, small, to show that it works.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSources, type Source } from "../src/bundle/source/check.ts";
import { loadBuildRecord } from "../src/bundle/flags/record_features.ts";
import { parseSource } from "../src/bundle/source/source_file.ts";
import { writeInput } from "./support/bundle_input.ts";
import { compare, formatTime, timed, verdict } from "./support/measure.ts";

const BOUND_MS = 0.25;
const quick = process.argv.includes("--quick");
const folder = mkdtempSync(join(tmpdir(), "immuconfig-bench-"));
let holds = true;
try {
  const input = writeInput(folder, quick ? 40 : 300, false);
  const record = loadBuildRecord({ file: input.record });
  const modules = input.modules.map((file) => ({ file, code: readFileSync(file, "utf8") }));
  const libraries = quick ? [] : libraryFiles();

  const { uses, diagnostics } = checkSources(modules, record, "2026-01-01");
  const found = Object.values(uses).flat().length;
  if (found !== 2 * modules.length || diagnostics.length > 0) {
    throw new Error(`the checker found ${found} uses and ${diagnostics.length} faults`);
  }
  await bench("a file that uses flags", modules);
  if (!quick) await bench("a file of the whole input", [...modules, ...libraries]);

  async function bench(name: string, sources: readonly Source[]): Promise<void> {
    const result = await compare(quick ? 1 : 21, {
      subject: () => timed(() => checkSources(sources, record, "2026-01-01")) / sources.length,
      floor: () => timed(() => parseAll(sources)) / sources.length,
    });
    const within = result.subject <= BOUND_MS * 1e6;
    holds &&= within;
    console.log(
      `${name.padEnd(28)} ${formatTime(result.subject)}; to parse it alone ${formatTime(result.floor)},` +
        ` ratio ${result.ratio.toFixed(2)}; at most ${BOUND_MS} ms: ${verdict(within)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(holds || quick ? 0 : 1);

function parseAll(sources: readonly Source[]): number {
  let statements = 0;
  for (const { file, code } of sources) statements += parseSource(file, code).program.body.length;
  return statements;
}

/** The libraries' own modules: none of them uses a flag, which the checker must notice quickly. */
function libraryFiles(): Source[] {
  const root = join(import.meta.dir, "node_modules");
  const paths = new Bun.Glob("{three,lodash-es,rxjs,react-dom}/**/*.js").scanSync(root);
  return [...paths].map((file) => ({ file, code: readFileSync(join(root, file), "utf8") }));
}
