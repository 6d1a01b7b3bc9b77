/**
 * Ledgers of bundles that were pushed: threads build the sources once for each flag, and what comes of it is
 * kept with the environment.
 */

import { mkdirSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import { type Ledger, makeLedger } from "../../bundle/analysis/ledger/make_ledger.ts";
import {
  type BuildFlags,
  buildFlags,
  isEnabled,
  usableFlags,
  withStates,
} from "../../bundle/flags/build_flags.ts";
import type { BuildSizes } from "../../bundle/analysis/ledger/build_sizes.ts";
import type { File } from "../../format/file.ts";
import { recordView } from "../../runtime/loaded_record.ts";
import { type Place, placeName } from "../domain/places.ts";
import { Runs, type RunView } from "../runs.ts";
import { TASK } from "../workers/messages.ts";
import type { WorkerPool } from "../workers/pool.ts";
import { type BuiltJson, builtOf, writeBuildTask } from "./build_json.ts";
import { type Plan, pushedFile, readPlan } from "./folders.ts";

type LedgerRun = RunView<Progress> & { readonly ledger: string };

interface Progress {
  /** Builds that are done, of how many; pairs of flags are known when each flag was built. */
  readonly built: number;
  readonly total: number;
}

/** What is kept, as JSON. */
interface KeptLedger extends Ledger {
  /** Of the record that it was built with. */
  readonly generation: number;
  readonly record: string;
  readonly entrypoints: readonly string[];
  /** The release of Bun that has built it. */
  readonly bun: string;
}

interface Pushed {
  /** The sources, as they came. */
  readonly bytes: Uint8Array;
  /** The environment's newest record. */
  readonly file: File;
  /** Makes what came of it durable. */
  readonly keep: (bytes: Uint8Array) => Promise<unknown>;
}

const RUNNING_MAX = 2;
/** Milliseconds for all builds of a ledger: others wait for its place. */
const LEDGER_MS = 30 * 60 * 1000;
/** Builds of one ledger that the threads have at once: a check of the log has its turn between them. */
const PARALLEL_MAX = 4;
/** Modules that are named of each flag, the largest; and bytes of the whole. */
const MODULE_COUNT_MAX = 20;
const LEDGER_SIZE_MAX = 2 * 2 ** 20;

export class Ledgers {
  readonly #folder: string;
  readonly #pool: WorkerPool;
  readonly #ledgerMs: number;
  readonly #runs = new Runs<Progress>("ledger", RUNNING_MAX);

  /**
   * @param data the server's folder: what is being built lies there for as long as it is
   * @param ledgerMs that all builds of one may take
   */
  constructor(data: string, pool: WorkerPool, ledgerMs = LEDGER_MS) {
    this.#folder = join(data, "ledgers");
    this.#pool = pool;
    this.#ledgerMs = ledgerMs;
    // Of a server that was killed.
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** @throws Refusal `too-many-requests` */
  start(place: Place, pushed: Pushed): LedgerRun {
    const flags = buildFlags(recordView("the record", pushed.file));
    const progress = { built: 0, total: 1 + usableFlags(flags).length };
    const ledger = crypto.randomUUID();
    const view = this.#runs.start(
      nameOf(place, ledger),
      (signal) => this.#run(join(this.#folder, ledger), pushed, flags, progress, signal),
      () => ({ ...progress }),
    );
    return { ledger, ...view };
  }

  /** @throws Refusal `not-found` */
  find(place: Place, ledger: string): LedgerRun {
    return { ledger, ...this.#runs.find(nameOf(place, ledger)) };
  }

  /** @throws Refusal `not-found` */
  cancel(place: Place, id: string): void {
    this.#runs.cancel(nameOf(place, id));
  }

  /** Ends what is being built, and takes its sources away. */
  stop(): Promise<void> {
    return this.#runs.stop();
  }

  async #run(
    folder: string,
    { bytes, file, keep }: Pushed,
    flags: BuildFlags,
    progress: { built: number; total: number },
    cancelled: AbortSignal,
  ): Promise<void> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(tookTooLong(this.#ledgerMs)), this.#ledgerMs);
    const signal = AbortSignal.any([cancelled, late.signal]);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      await writeFile(pushedFile(folder), bytes, { mode: 0o600 });
      await this.#pool.run(TASK.unpack, new TextEncoder().encode(folder), signal);
      const plan = readPlan(folder);
      const measure = async (states: Readonly<Record<string, boolean>>): Promise<BuildSizes> => {
        const task = writeBuildTask(folder, withStates(flags, states));
        const answer = await this.#pool.run(TASK.build, task, signal);
        progress.built++;
        progress.total = Math.max(progress.total, progress.built);
        return builtOf(JSON.parse(answer) as BuiltJson);
      };
      const ledger = await makeLedger({
        names: usableFlags(flags),
        isOn: (name) => isEnabled(flags, name),
        base: await measure({}),
        measure,
        asked: () => askedOf(plan),
        parallelMax: PARALLEL_MAX,
      });
      const kept = keptLedger({ ...ledger, uncounted: plan.uncounted }, plan, file, flags);
      signal.throwIfAborted();
      await keep(kept);
    } finally {
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function tookTooLong(ms: number): ImmuconfigError {
  const message = `the builds of this ledger took more than ${ms / 1000} s, and were ended`;
  return new ImmuconfigError("ERR_BUNDLER", message, { hint: "Push fewer entry points." });
}

function askedOf({ asked, cwd }: Plan) {
  const prefix = cwd === "" ? "" : `${cwd}/`;
  const named = (path: string): string =>
    path.startsWith(prefix) ? path.slice(prefix.length) : path;
  return new Map(
    asked.map(({ path, flags, nested }) => [named(path), { flags: new Set(flags), nested }]),
  );
}

function keptLedger(ledger: Ledger, plan: Plan, file: File, { record }: BuildFlags): Uint8Array {
  const kept: KeptLedger = {
    generation: file.generation,
    record,
    entrypoints: plan.entrypoints,
    bun: Bun.version,
    ...ledger,
    flags: ledger.flags.map(({ modules, ...one }) => {
      return { ...one, modules: modules.slice(0, MODULE_COUNT_MAX) };
    }),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(kept));
  if (bytes.byteLength <= LEDGER_SIZE_MAX) return bytes;
  throw new ImmuconfigError(
    "ERR_VALUE",
    `the ledger has ${bytes.byteLength} bytes, at most ${LEDGER_SIZE_MAX}`,
    { hint: "Push fewer entry points." },
  );
}

/** One of another environment is not found. */
function nameOf(place: Place, id: string): string {
  return `${placeName(place)}/${id}`;
}
