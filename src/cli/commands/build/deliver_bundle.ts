/** Writes or prints what was built, and says so. */

import { relative, resolve } from "node:path";
import type { Bundle } from "../../../bundle/build/bundle.ts";
import { formatDiagnostic } from "../../../bundle/source/diagnostic.ts";
import { type WrittenFile, writeBundle, writeOutput } from "../../../bundle/build/write_bundle.ts";
import { usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { flagsJson } from "./open_for_build.ts";
import { count, formatBytes, formatDuration } from "../../../base/units.ts";

export interface Destination {
  /** Nothing for standard output. */
  readonly folder: string | undefined;
  /** The absolute path that the user gave the output. */
  readonly named?: string | undefined;
  /** Where a description of the build goes, below the folder. */
  readonly metafile: string | undefined;
  /** When the build began, as `Bun.nanoseconds` gives it. */
  readonly start: number;
}

/** @throws ImmuconfigError `ERR_WRITE`, `ERR_USAGE` */
export async function deliverBundle(
  context: Pick<Context, "out" | "cwd">,
  bundle: Bundle,
  { folder, named, metafile, start }: Destination,
): Promise<void> {
  const { out } = context;
  for (const warning of bundle.warnings) {
    out.note(`${out.style("yellow", "warning:")} ${formatDiagnostic(warning)}`);
  }
  if (folder === undefined) return printEntry(context, bundle);
  const written = await writeBundle(bundle.files, folder, named);
  if (metafile !== undefined) {
    writeOutput(resolve(folder, metafile), JSON.stringify(bundle.metafile));
  }
  report(context, bundle, written, Bun.nanoseconds() - start);
}

async function printEntry({ out }: Pick<Context, "out">, bundle: Bundle): Promise<void> {
  const [entry, ...more] = bundle.files;
  if (entry === undefined || more.length > 0)
    throw usageError("more than one output needs --outdir");
  const code = await entry.content.text();
  out.program({ ...flagsJson(bundle.flags), code }, code.trimEnd());
}

function report(
  { out, cwd }: Pick<Context, "out" | "cwd">,
  { flags, elimination, warnings, metafile }: Bundle,
  written: readonly WrittenFile[],
  nanoseconds: number,
): void {
  const modules = Object.keys(metafile.inputs).length;
  const files = written.map((file) => ({ ...file, path: relative(cwd, file.path) }));
  const width = Math.max(...files.map(({ path }) => path.length));
  const lines = files.map(
    ({ path, size, kind }) =>
      `  ${path.padEnd(width)}  ${formatBytes(size).padStart(9)}  (${kind.replace("-", " ")})`,
  );
  out.done(
    {
      ...flagsJson(flags),
      modules,
      outputs: files,
      elimination,
      warnings,
      nanoseconds,
    },
    [`Built ${count(modules, "module")} in ${formatDuration(nanoseconds)}`, ...lines].join("\n"),
  );
}
