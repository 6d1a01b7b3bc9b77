/** The sources that were pushed, as strictly as what may be hostile is read. */

import * as v from "valibot";
import { valueError } from "../../base/errors.ts";
import {
  COMPILER_OPTIONS,
  type PushedSources,
  SOURCES_DEPTH_MAX,
  SOURCES_FILE_COUNT_MAX,
  SOURCES_KIND,
  SOURCES_PATH_LENGTH_MAX,
} from "../../bundle/analysis/ledger/pushed_sources.ts";
import { FLAG_COUNT_MAX } from "../../base/limits.ts";
import { FlagName } from "../http/basic_schemas.ts";

const LIST_MAX = 256;
const TEXT_MAX = 4096;

/** Of a file below the root: no way out of it, no name that a file system takes for another. */
const Path = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(SOURCES_PATH_LENGTH_MAX),
  v.check(isInside, "a path into the pushed folder"),
);
const Words = v.pipe(v.array(v.pipe(v.string(), v.maxLength(TEXT_MAX))), v.maxLength(LIST_MAX));
const Text = v.pipe(v.string(), v.maxLength(TEXT_MAX));
const Pairs = v.pipe(
  v.record(v.pipe(v.string(), v.maxLength(TEXT_MAX)), Text),
  v.maxEntries(LIST_MAX),
);
const Loader = v.picklist([
  "js",
  "jsx",
  "ts",
  "tsx",
  "json",
  "jsonc",
  "toml",
  "yaml",
  "text",
  "css",
  "file",
  "dataurl",
]);
const On = v.optional(v.boolean());

const Build = v.strictObject({
  target: v.optional(v.picklist(["browser", "bun", "node"])),
  format: v.optional(v.picklist(["esm", "cjs", "iife"])),
  splitting: On,
  splitRequire: On,
  modulePreload: On,
  minChunkSize: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  minify: v.optional(
    v.union([
      v.boolean(),
      v.strictObject({ syntax: On, whitespace: On, identifiers: On, keepNames: On }),
    ]),
  ),
  external: v.optional(Words),
  packages: v.optional(v.picklist(["bundle", "external"])),
  conditions: v.optional(Words),
  define: v.optional(Pairs),
  drop: v.optional(Words),
  loader: v.optional(
    v.pipe(v.record(v.pipe(v.string(), v.regex(/^\.[\w.-]{1,32}$/)), Loader), v.maxEntries(64)),
  ),
  jsx: v.optional(
    v.strictObject({
      runtime: v.optional(v.picklist(["automatic", "classic"])),
      factory: v.optional(Text),
      fragment: v.optional(Text),
      importSource: v.optional(Text),
      sideEffects: On,
      development: On,
    }),
  ),
  banner: v.optional(Text),
  footer: v.optional(Text),
  ignoreDCEAnnotations: On,
  emitDCEAnnotations: On,
  deprecatedNamespaceObjectSetters: On,
  reactFastRefresh: On,
});

const Paths = v.pipe(v.array(Path), v.maxLength(SOURCES_FILE_COUNT_MAX));
const Flags = v.pipe(v.array(FlagName), v.maxLength(FLAG_COUNT_MAX));
const File = v.pipe(
  v.strictObject({
    path: Path,
    text: v.optional(v.string()),
    base64: v.optional(v.pipe(v.string(), v.base64())),
  }),
  v.check(({ text, base64 }) => (text === undefined) !== (base64 === undefined), "text or base64"),
);
const Sources = v.strictObject({
  kind: v.literal(SOURCES_KIND),
  cwd: v.union([v.literal(""), Path]),
  entrypoints: v.pipe(v.array(Path), v.minLength(1), v.maxLength(LIST_MAX)),
  build: Build,
  compilerOptions: v.strictObject(
    v.entriesFromList(COMPILER_OPTIONS, v.optional(v.union([v.boolean(), Text]))),
  ),
  nodeEnv: v.nullable(v.pipe(v.string(), v.regex(/^[\w-]{0,64}$/))),
  files: v.pipe(v.array(File), v.maxLength(SOURCES_FILE_COUNT_MAX)),
  aliases: v.pipe(
    v.array(v.strictObject({ importer: Path, specifier: Text, path: Path })),
    v.maxLength(SOURCES_FILE_COUNT_MAX),
  ),
  asked: v.pipe(
    v.array(
      v.strictObject({
        path: Path,
        flags: Flags,
        nested: v.pipe(v.array(v.tuple([FlagName, FlagName])), v.maxLength(FLAG_COUNT_MAX)),
      }),
    ),
    v.maxLength(SOURCES_FILE_COUNT_MAX),
  ),
  uncounted: Paths,
});

/**
 * @param bytes of the file
 * @throws ImmuconfigError `ERR_VALUE` for what is no such file, in whole
 */
export function readSources(bytes: Uint8Array): PushedSources {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw noSources("it is no JSON");
  }
  const result = v.safeParse(Sources, value, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? "the whole";
    throw noSources(
      `${where.slice(0, 200)}: expected ${issue.type === "check" ? issue.message : (issue.expected ?? issue.message)}`,
    );
  }
  requireApart(result.output.files.map(({ path }) => path));
  return result.output as PushedSources;
}

/** On disks that take two names for one, the second file would be the first. */
function requireApart(paths: readonly string[]): void {
  const seen = new Set<string>();
  for (const path of paths) {
    const name = path.normalize("NFC").toLowerCase();
    if (seen.has(name)) throw noSources(`${JSON.stringify(path)} is there twice`);
    seen.add(name);
  }
}

function isInside(path: string): boolean {
  const names = path.split("/");
  return (
    names.length <= SOURCES_DEPTH_MAX &&
    names.every(
      (name) =>
        name !== "" &&
        name.length <= 255 &&
        !/^\.{1,2}$/.test(name) &&
        // oxlint-disable-next-line no-control-regex -- that is what must not be in a name
        !/[\u0000-\u001f\\:]|[. ]$/.test(name),
    )
  );
}

function noSources(why: string): Error {
  return valueError(
    `these are no sources of a build: ${why}`,
    "Make them with `bun-config ledger ENTRY --sources FILE` of the server's release.",
  );
}
