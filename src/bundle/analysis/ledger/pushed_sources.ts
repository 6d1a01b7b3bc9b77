/** The sources of a build as they are pushed to a control plane, which builds them for each flag. */

import type { BuildConfig } from "bun";
import { BODY_SIZE_MAX } from "../../../base/limits.ts";

/** What stands under `kind` in the file. */
export const SOURCES_KIND = "immuconfig-sources/1";

/** Bytes of the file: as much as a record may have. */
export const SOURCES_SIZE_MAX = BODY_SIZE_MAX;
export const SOURCES_FILE_COUNT_MAX = 8192;
/** Characters of a path, and folders in it. */
export const SOURCES_PATH_LENGTH_MAX = 512;
export const SOURCES_DEPTH_MAX = 32;

/** The options of `Bun.build` that can be pushed: what needs a folder, an environment or a program cannot. */
export const PUSHED_OPTIONS = [
  "target",
  "format",
  "splitting",
  "splitRequire",
  "modulePreload",
  "minChunkSize",
  "minify",
  "external",
  "packages",
  "conditions",
  "define",
  "drop",
  "loader",
  "jsx",
  "banner",
  "footer",
  "ignoreDCEAnnotations",
  "emitDCEAnnotations",
  "deprecatedNamespaceObjectSetters",
  "reactFastRefresh",
] as const satisfies readonly (keyof BuildConfig)[];

export type PushedOptions = Pick<BuildConfig, (typeof PUSHED_OPTIONS)[number]>;

/** What of tsconfig.json changes what a source is built to; paths are in `aliases`. */
export const COMPILER_OPTIONS = [
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "useDefineForClassFields",
] as const;

export type CompilerOptions = {
  readonly [name in (typeof COMPILER_OPTIONS)[number]]?: boolean | string;
};

/** All paths are from one folder, the root, with `/` between names, and lead into it. */
export interface PushedSources {
  readonly kind: typeof SOURCES_KIND;
  /** The working folder, from which modules are named; empty where that is the root. */
  readonly cwd: string;
  readonly entrypoints: readonly string[];
  readonly build: PushedOptions;
  readonly compilerOptions: CompilerOptions;
  /** `NODE_ENV` of the build; null where none was set. */
  readonly nodeEnv: string | null;
  readonly files: readonly PushedFile[];
  /** Imports that lead where their words do not say: by tsconfig.json, or a link in node_modules. */
  readonly aliases: readonly PushedAlias[];
  /** Flags that sources ask for, and which of them inside of others. */
  readonly asked: readonly PushedFlags[];
  /** Components, which Bun takes for files. */
  readonly uncounted: readonly string[];
}

export interface PushedFile {
  readonly path: string;
  /** Of UTF-8, as it is. */
  readonly text?: string;
  /** Of all else. */
  readonly base64?: string;
}

interface PushedAlias {
  readonly importer: string;
  readonly specifier: string;
  readonly path: string;
}

interface PushedFlags {
  readonly path: string;
  readonly flags: readonly string[];
  readonly nested: readonly (readonly [string, string])[];
}
