/** Proof that what a flag switches off is gone from everything that ships. */

import { rmSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { PROGRAM_SIZE_MAX } from "../../../base/limits.ts";
import { readSource } from "../../../base/read_file.ts";
import { makeTemporaryFolder } from "../../../base/temporary_folder.ts";
import { type Artefact, type ArtefactText, readArtefact } from "./artefact.ts";
import { type BuildFlags, isEnabled, withStates } from "../../flags/build_flags.ts";
import { type BundleConfig, type BundleFile, bundle } from "../../build/bundle.ts";
import { type BundlerRun, startBundler } from "../../build/bundler.ts";
import { findFlagCode, type FlagCode } from "./flag_code.ts";
import { positionsOf } from "../../source/position.ts";
import { type Token, TokenIndex } from "./strings_and_names.ts";

export interface ProveOptions {
  readonly build?: BundleConfig;
  /** Source maps as `build --scrub-maps` writes them. */
  readonly scrubMaps: boolean;
  /** Decides which flags have expired. */
  readonly now: Date;
  /** Built files to look into, instead of building them: paths. */
  readonly files?: readonly string[];
}

/** Something of the flag's dead branches that is still there. */
interface Survivor {
  readonly kind: Token["kind"] | "module";
  readonly text: string;
  /** `dist/app.js:12:5`, or `dist/app, byte 109155039`. */
  readonly where: string;
}

export interface Proof {
  readonly name: string;
  /** The flag's state in the builds. */
  readonly enabled: boolean;
  readonly tokens: number;
  readonly modules: readonly string[];
  /** What was looked into. */
  readonly artefacts: readonly string[];
  /** What could not be looked at: with any, it is no proof. */
  readonly unseen: readonly string[];
  readonly survivors: readonly Survivor[];
}

/**
 * Builds a bundle with its source map and an executable, and looks in all of them for strings,
 * names and modules that stand in the flag's dead branches and nowhere else.
 *
 * @param name of a flag that the record defines
 * @throws ImmuconfigError `ERR_SOURCE`, `ERR_BUNDLER`, `ERR_VALUE`, `ERR_RETIRED`, `ERR_WRITE`
 */
export async function proveAbsent(
  name: string,
  entrypoints: readonly string[],
  flags: BuildFlags,
  { build = {}, scrubMaps, files, now }: ProveOptions,
): Promise<Proof> {
  const enabled = isEnabled(flags, name);
  const turned = withStates(flags, { [name]: !enabled });
  const plain = { ...build, entrypoints: [...entrypoints], minify: { syntax: true } };
  const [built, other, helpers] = await Promise.all([
    startBundler(plain, flags),
    startBundler(plain, turned),
    helperText(build),
  ]);
  const code = findFlagCode(
    entrypoints,
    { metafile: built.metafile, flags },
    { metafile: other.metafile, flags: turned },
    helpers,
  );
  const artefacts =
    files === undefined
      ? await buildArtefacts(entrypoints, flags, { build, scrubMaps, now })
      : files.map((path) => readArtefact(path, readSource(path, PROGRAM_SIZE_MAX)));
  const texts = artefacts.flatMap((one) => one.texts);
  return {
    name,
    enabled,
    tokens: code.tokens.length,
    modules: code.modules,
    artefacts: artefacts.map(({ label }) => label),
    unseen: [...code.unseen, ...artefacts.flatMap((one) => one.unseen)],
    survivors: [
      // What Bun keeps is nothing that another bundler wrote.
      ...(files === undefined ? survivingModules(code, built) : []),
      ...artefacts.flatMap((artefact) => survivingFiles(artefact, code)),
      ...texts.flatMap((text) => search(text, code)),
    ],
  };
}

async function buildArtefacts(
  entrypoints: readonly string[],
  flags: BuildFlags,
  { build = {}, scrubMaps, now }: ProveOptions,
): Promise<Artefact[]> {
  const sourcemap = build.sourcemap ?? "external";
  const built = await bundle(entrypoints, flags, {
    build: { ...build, sourcemap },
    scrubMaps,
    now,
  });
  const texts = await readFiles(built.files);
  if (build.target === "browser" || entrypoints.length !== 1) return texts;
  const folder = makeTemporaryFolder("prove");
  try {
    const compile = { outfile: join(folder, "program") };
    const { splitting: _, ...single } = build;
    // A map inside an executable cannot be scrubbed, so that `build` refuses the two together.
    const map = scrubMaps ? "none" : sourcemap;
    const executable = await bundle(entrypoints, flags, {
      build: { ...single, sourcemap: map, compile },
      now,
    });
    return [...texts, ...(await readFiles(executable.files))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function readFiles(files: readonly BundleFile[]): Promise<Artefact[]> {
  const artefacts: Artefact[] = [];
  for (const { path, kind, content } of files) {
    const isExecutable = kind === "executable";
    const bytes = isExecutable
      ? readSource(path, PROGRAM_SIZE_MAX)
      : Buffer.from(await content.arrayBuffer());
    const label = isAbsolute(path) ? (isExecutable ? "the executable" : "its map") : path;
    artefacts.push(
      kind === "bytecode"
        ? { label, bytes, texts: [], unseen: [`${label}: it is bytecode`] }
        : readArtefact(label, bytes),
    );
  }
  return artefacts;
}

const HELPED: Readonly<Record<string, string>> = {
  "/helped/entry.ts": `import * as ns from "./cjs.cjs"; export * from "./cjs.cjs"; export * as all from "./esm.ts";
const late = await import("./esm.ts"); console.log(ns, late, require("./esm.ts")); { using x = ns.x; await using y = ns.y; }`,
  "/helped/esm.ts": "export let a = 1; export default a;",
  "/helped/cjs.cjs": "exports.b = 1;",
};

/** What Bun adds to a bundle, such as its helpers for CommonJS. */
async function helperText({ target = "browser" }: BundleConfig): Promise<string> {
  const { outputs } = await Bun.build({ entrypoints: ["/helped/entry.ts"], files: HELPED, target });
  const texts = await Promise.all(outputs.map((one) => one.text()));
  return texts.join("\n");
}

function survivingModules({ modules }: FlagCode, { metafile }: BundlerRun): Survivor[] {
  return Object.entries(metafile.outputs).flatMap(([output, { inputs }]) =>
    modules
      .filter((path) => (inputs[path]?.bytesInOutput ?? 0) > 0)
      .map((text): Survivor => ({ kind: "module", text, where: `${output}, all of it` })),
  );
}

/** Smaller contents appear by chance. */
const FILE_SIZE_MIN = 16;

/** Images and their like, which a bundle holds as files of their own and an executable inside of it. */
function survivingFiles({ label, bytes }: Artefact, { files }: FlagCode): Survivor[] {
  return files.flatMap(({ path, bytes: content }): Survivor[] => {
    const isHeld = content.length < FILE_SIZE_MIN ? content.equals(bytes) : bytes.includes(content);
    return isHeld ? [{ kind: "module", text: path, where: label }] : [];
  });
}

function search({ label, text, origin, isSourceMap }: ArtefactText, code: FlagCode): Survivor[] {
  const index = new TokenIndex(text);
  const positions = origin === "text" ? positionsOf(text) : undefined;
  const place = (at: number): string => {
    if (origin !== "text" || positions === undefined)
      return `${label}, byte ${Number(origin) + at}`;
    const { line, column } = positions(at);
    return `${label}:${line}:${column}`;
  };
  const survivors = code.tokens.flatMap((token): Survivor[] => {
    const at = index.find(token);
    return at === -1 ? [] : [{ ...token, where: place(at) }];
  });
  if (!isSourceMap) return survivors;
  const lines = text.split("\n");
  const listed = code.modules.filter((path) => lines.some((line) => line.endsWith(path)));
  return [
    ...survivors,
    ...listed.map((path): Survivor => ({ kind: "module", text: path, where: label })),
  ];
}
