/** What only dead code uses: whole modules, which a bundler keeps, and declarations; no map needs them. */

import { readSourceIfThere } from "../../base/read_file.ts";
import { resolve } from "node:path";
import type { BuildMetafile } from "bun";
import { type BuildFlags, isEnabled } from "../flags/build_flags.ts";
import { parseFlagSource } from "../source/flag_source.ts";
import { liveProgram, readScript, type ScriptModule } from "../source/live_program.ts";
import { SOURCE_FILE } from "../source/needles.ts";
import { isInside, type Span } from "../source/position.ts";

export interface UnusedCode {
  /** Absolute paths. */
  readonly modules: ReadonlySet<string>;
  /** Parts of a source that the flags make dead; none of a text that is not the file's. */
  readonly partsOf: (path: string, code: string) => readonly Span[];
}

export function unusedCode(
  metafile: BuildMetafile,
  entrypoints: readonly string[],
  flags: BuildFlags,
): UnusedCode {
  const paths = Object.keys(metafile.inputs);
  const scripts = new Map(
    paths.flatMap((path) => {
      const script = readScriptFile(resolve(path));
      return script === undefined ? [] : [[path, script] as const];
    }),
  );
  const built = liveProgram(metafile, entrypoints, scripts, (name) => isEnabled(flags, name));
  // What nothing uses whatever the flags say is no flag's.
  const whole = liveProgram(metafile, entrypoints, scripts, () => undefined);
  const parts = new Map(
    [...scripts].map(([path, { source }]) => {
      const always = whole.dead.get(path) ?? [];
      const dead = (built.dead.get(path) ?? []).filter((span) => !isInside(span, always));
      return [resolve(path), { code: source.code, dead }] as const;
    }),
  );
  return {
    modules: new Set(paths.filter((path) => !built.used.has(path)).map((path) => resolve(path))),
    partsOf(path, code) {
      const found = parts.get(path);
      return found?.code === code ? found.dead : [];
    },
  };
}

function readScriptFile(file: string): ScriptModule | undefined {
  if (!SOURCE_FILE.test(file)) return undefined;
  const code = readSourceIfThere(file)?.toString();
  return code === undefined ? undefined : readScript(parseFlagSource(code, file));
}
