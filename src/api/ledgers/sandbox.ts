/**
 * Where sources that somebody has pushed are built. Bun runs macros of the sources that it builds, but none
 * of a package: so they lie below a node_modules, and are built by a process of its own, which has no
 * environment, starts in an empty folder, and ends when it takes too long or too much.
 */

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ImmuconfigError, valueError } from "../../base/errors.ts";
import { isObject } from "../../base/json.ts";
import { parseJsonc } from "../../base/jsonc.ts";
import { readWhole } from "../../base/read_file.ts";
import { threadFile } from "../../base/thread_file.ts";
import { type PushedFile, SOURCES_SIZE_MAX } from "../../bundle/analysis/ledger/pushed_sources.ts";
import {
  configFile,
  emptyFolder,
  planFile,
  pushedFile,
  readPlan,
  sourcesFolder,
} from "./folders.ts";
import { hideAbove, isUnbounded } from "./shadows.ts";
import { readSources } from "./sources_schema.ts";

/** What one build may take. */
interface BuildLimits {
  /** Milliseconds. */
  readonly ms: number;
  /** Seconds of processor time. */
  readonly cpuS: number;
  readonly memoryKib: number;
}

const LIMITS: BuildLimits = { ms: 60_000, cpuS: 60, memoryKib: 2 * 1024 * 1024 };
/** Bytes of what a build says of itself. */
const ANSWER_SIZE_MAX = 8 * 1024 * 1024;

const SHELL = "/bin/sh";
/** What a system does not know of these, it goes without: the time is bounded everywhere. */
function limited({ cpuS, memoryKib }: BuildLimits): string {
  const bounds = [`-c 0`, `-t ${cpuS}`, `-d ${memoryKib}`];
  return `${bounds.map((one) => `ulimit ${one} 2>/dev/null`).join("; ")}; exec "$@"`;
}

/**
 * Lays the sources out.
 *
 * @param folder of the server's own, with what was pushed in it
 * @throws ImmuconfigError `ERR_VALUE` for what is no set of sources, or leads out of it
 */
export function unpackSources(folder: string): void {
  const {
    kind: _,
    files,
    compilerOptions,
    ...plan
  } = readSources(readWhole(pushedFile(folder), SOURCES_SIZE_MAX));
  const root = sourcesFolder(folder);
  for (const path of [root, emptyFolder(folder)]) mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const file of files) {
    const path = join(root, file.path);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, contentOf(file), { flag: "wx", mode: 0o600 });
    } catch (cause) {
      if (cause instanceof ImmuconfigError) throw cause;
      throw valueError(`${JSON.stringify(file.path)} cannot be written`, "Rename it.");
    }
  }
  hideAbove(root);
  writeFileSync(configFile(folder), JSON.stringify({ compilerOptions }), { mode: 0o600 });
  writeFileSync(planFile(folder), JSON.stringify(plan), { mode: 0o600 });
}

function contentOf({ path, text, base64 }: PushedFile): string | Uint8Array {
  if (text === undefined) return Buffer.from(base64 ?? "", "base64");
  return basename(path) === "package.json" ? manifest(path, text) : text;
}

const LEADING = ["main", "module", "browser", "exports", "imports"];

/** Without what it tells Bun to run; one that leads out of its package is refused. */
function manifest(path: string, text: string): string {
  let value: unknown;
  try {
    value = parseJsonc(text);
  } catch {
    return text;
  }
  if (!isObject(value)) return text;
  const { bun: _, ...kept } = value;
  const left: unknown[] = LEADING.map((name) => kept[name]);
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "string" && /^(?:[/\\]|[A-Za-z]:)|(?:^|[/\\])\.\.(?:[/\\]|$)/.test(next)) {
      throw valueError(`${path} leads out of its package: ${next}`, "Mend the package.");
    }
    if (typeof next === "object" && next !== null) left.push(...Object.values(next));
  }
  for (const to of isObject(kept["browser"]) ? Object.values(kept["browser"]) : []) {
    // A module in another's place: it is looked for as if a source had asked for it.
    if (typeof to === "string" && !to.startsWith("./") && isUnbounded(to)) {
      throw valueError(`${path} leads out of its package: ${to}`, "Mend the package.");
    }
  }
  return JSON.stringify(kept);
}

/**
 * Builds the sources once, in a process of its own, and waits for it.
 *
 * @param flags as `build_child.ts` reads them
 * @returns what it says of the build, as JSON
 * @throws ImmuconfigError `ERR_BUNDLER` for what cannot be built, or takes too much
 */
export function buildApart(folder: string, flags: string, limits = LIMITS): string {
  const program = [process.execPath, "--no-install", "--no-env-file", "--no-macros"];
  const words = [...program, threadFile("api/ledgers/build_child"), folder];
  const { nodeEnv } = readPlan(folder);
  const { success, exitedDueToTimeout, stdout, signalCode } = Bun.spawnSync(
    existsSync(SHELL) ? [SHELL, "-c", limited(limits), SHELL, ...words] : words,
    {
      cwd: emptyFolder(folder),
      env: {
        BUN_BE_BUN: "1",
        // A crash is nobody's to hear of elsewhere.
        DO_NOT_TRACK: "1",
        BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0",
        ...(nodeEnv === null ? {} : { NODE_ENV: nodeEnv }),
      },
      stdin: Buffer.from(flags),
      stdout: "pipe",
      stderr: "ignore",
      timeout: limits.ms,
      killSignal: "SIGKILL",
      maxBuffer: ANSWER_SIZE_MAX,
    },
  );
  const text = stdout.toString();
  if (success) return text;
  const took = exitedDueToTimeout === true ? `more than ${limits.ms / 1000} s` : "too much";
  const isKilled = exitedDueToTimeout === true || signalCode !== undefined || text === "";
  throw new ImmuconfigError(
    "ERR_BUNDLER",
    isKilled
      ? `a build of these sources took ${took}, and was ended`
      : text.trimEnd().slice(0, 2000),
    { hint: "Look at it where the sources are: bun-config ledger ENTRY." },
  );
}
