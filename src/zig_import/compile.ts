import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { OwnBytes } from "../base/bytes.ts";
import { sha256 } from "../base/digest.ts";
import type { Environment } from "../base/environment.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { SOURCE_FILE_SIZE_MAX } from "../base/limits.ts";
import { readWhole } from "../base/read_file.ts";
import { cacheFolder, readCached, writeCached } from "./cache.ts";
import { findZig } from "./find_zig.ts";
import shim from "./shim.zig" with { type: "text" };
import { hashZigSources } from "./sources.ts";

/** How long the compiler may take. */
const COMPILE_TIME_MS = 300_000;
/** Bytes of the compiler's messages that are kept. */
const MESSAGE_SIZE_MAX = 1024 * 1024;

export type ZigOptimize = "Debug" | "ReleaseSafe" | "ReleaseFast" | "ReleaseSmall";

/** What of the environment a compilation depends on. */
export interface ZigOptions {
  /** Default `ReleaseSafe`: what Zig calls illegal behaviour stops the call. */
  readonly optimize?: ZigOptimize;
  /** The compiler; by default the project's, see `findZig`. */
  readonly zig?: string;
  /** By default a folder in the project, see `cacheFolder`. */
  readonly cache?: string;
  readonly env?: Environment;
}

export interface ZigModule {
  /** The WebAssembly module. */
  readonly wasm: OwnBytes;
  /** It came from the cache: no compiler ran. */
  readonly cached: boolean;
}

/**
 * Compiles a Zig file that exports its functions itself to a WebAssembly module.
 *
 * @param source path of the root file
 * @throws ImmuconfigError `ERR_NOT_FOUND` for no such file or no compiler; `ERR_SUBPROCESS` with
 * the compiler's messages
 * @example
 * const { wasm } = await buildZigModule("src/immuconfig.zig");
 * await Bun.write("lib/immuconfig.wasm", wasm);
 */
export function buildZigModule(source: string, options: ZigOptions = {}): Promise<ZigModule> {
  return compile(resolve(source), undefined, options);
}

/**
 * Compiles a Zig file for `bindZig`: every public function whose types can cross is exported.
 *
 * @param source path of the file
 * @throws as `buildZigModule`
 */
export function buildZigBindings(source: string, options: ZigOptions = {}): Promise<ZigModule> {
  return compile(resolve(source), shim, options);
}

async function compile(
  source: string,
  root: string | undefined,
  options: ZigOptions,
): Promise<ZigModule> {
  const { optimize = "ReleaseSafe", env = process.env } = options;
  const sources = hashZigSources(source);
  const zig = options.zig ?? findZig({ from: dirname(source), path: env["PATH"] });
  const folder = join(options.cache ?? cacheFolder(source, env), "zig");
  // A compiler of another version has another size or time.
  const { size, mtimeMs } = statSync(zig);
  const key = sha256(
    JSON.stringify([sources, root ?? "", optimize, basename(source), size, mtimeMs]),
  );
  const kept = readCached(folder, key);
  if (kept !== undefined) return { wasm: kept, cached: true };

  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(join(folder, "build-"));
  try {
    const output = join(work, "module.wasm");
    const modules = root === undefined ? [`-Mroot=${source}`] : rootOver(source, root, work);
    const caches = ["--cache-dir", join(folder, "local"), "--global-cache-dir"];
    const target = ["-target", "wasm32-freestanding", "-fno-entry", "-rdynamic", "-fstrip"];
    const args = ["build-exe", ...target, "-O", optimize, ...caches, join(folder, "global")];
    await runZig(zig, [...args, "--color", "off", `-femit-bin=${output}`, ...modules], source);
    const wasm = readWhole(output, SOURCE_FILE_SIZE_MAX);
    // What was compiled may be newer than what was hashed.
    if (hashZigSources(source) === sources) writeCached(folder, key, wasm);
    return { wasm, cached: false };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The modules of a program whose root imports the source as `user`. */
function rootOver(source: string, root: string, work: string): string[] {
  const path = join(work, "root.zig");
  writeFileSync(path, root);
  return ["--dep", "user", `-Mroot=${path}`, `-Muser=${source}`];
}

function runZig(zig: string, args: readonly string[], source: string): Promise<void> {
  const limits = { timeout: COMPILE_TIME_MS, maxBuffer: MESSAGE_SIZE_MAX };
  return new Promise((succeed, reject) => {
    // The folder decides how the compiler writes the file's name in its messages.
    execFile(zig, args, { cwd: dirname(source), ...limits }, (error, _, stderr) => {
      if (error === null) {
        succeed();
        return;
      }
      const message = stderr.trim() || error.message;
      reject(new ImmuconfigError("ERR_SUBPROCESS", `Zig cannot compile ${source}:\n${message}`));
    });
  });
}
