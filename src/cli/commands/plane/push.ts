import { resolve } from "node:path";
import type { PlaneLedgerRun } from "../../../agent/plane_answers.ts";
import type { PlaneClient } from "../../../agent/plane_client.ts";
import { Backoff } from "../../../base/backoff.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { BODY_SIZE_MAX } from "../../../base/limits.ts";
import { readWhole } from "../../../base/read_file.ts";
import { sleep } from "../../../base/sleep.ts";
import { readFileBytes } from "../../../store/read.ts";
import type { Command, Context } from "../../command.ts";
import { open } from "../../files/project_file.ts";
import { count } from "../../../base/units.ts";
import { ADDRESS_OPTIONS, type AddressRequest, parseAddress, planeClient } from "./address.ts";

export interface PushRequest extends AddressRequest {
  /** Whether a missing project or environment is created. */
  readonly create: boolean;
  /** The path of sources that the server is to build for each flag. */
  readonly ledger: string | undefined;
}

/** Milliseconds between two looks at how far the server is. */
const LOOK_MS = 250;
/** Milliseconds to wait for a place among the ledgers that are built: as long as one may take. */
const PLACE_MS = 30 * 60 * 1000;

export const pushCommand: Command<PushRequest> = {
  usage: ["[--server URL] [--project NAME] [--env NAME] [--create] [--ledger FILE]"],
  options: {
    ...ADDRESS_OPTIONS,
    create: { summary: "create the project and the environment" },
    ledger: { value: "FILE", summary: "have these sources built for each flag (ledger --sources)" },
  },
  examples: [
    "bun-config push --server https://flags.example.test --env live --create",
    "IMMUCONFIG_TOKEN_FILE=token bun-config push",
    "bun-config push --ledger sources.json",
  ],
  parse(args) {
    args.exactly([]);
    const ledger = args.value("ledger");
    return { ...parseAddress(args), create: args.has("create"), ledger };
  },
  async run(context, request) {
    const { path, file } = open(context);
    const sources =
      request.ledger === undefined
        ? undefined
        : readWhole(resolve(context.cwd, request.ledger), BODY_SIZE_MAX);
    const client = planeClient(context, request, file);
    if (request.create) await client.create();
    const { version, record } = await client.environment();
    const { generation } = file;
    const isThere = record?.generation === generation;
    if (!isThere) await client.push(readFileBytes(path), version);
    const pushed = isThere ? { pushed: false } : { pushed: true, generation };
    const words = isThere
      ? `${client.name} has generation ${generation} already`
      : `pushed generation ${generation} to ${client.name}`;
    if (sources === undefined) {
      context.out.done(pushed, words);
      return;
    }
    const builds = await buildLedger(context, client, sources);
    const more = `its ledger of ${count(builds, "build")} is in the dashboard`;
    context.out.done({ ...pushed, builds }, `${words}; ${more}`);
  },
};

/** Those of all projects share the server: one more waits until another has ended. */
async function startLedger(
  { out, now }: Context,
  client: PlaneClient,
  sources: Uint8Array,
): Promise<PlaneLedgerRun> {
  const end = now().getTime() + PLACE_MS;
  const pause = new Backoff(1000, 15_000);
  for (let isTold = false; ; isTold = true) {
    try {
      return await client.pushLedger(sources);
    } catch (error) {
      const isBusy = error instanceof ImmuconfigError && error.code === "ERR_BUSY";
      if (!isBusy || now().getTime() >= end) throw error;
      if (!isTold) out.note(`note: ${error.message}; waiting for one to end`);
    }
    await sleep(pause.next());
  }
}

/** @returns how many builds it took */
async function buildLedger(
  context: Context,
  client: PlaneClient,
  sources: Uint8Array,
): Promise<number> {
  let run = await startLedger(context, client, sources);
  while (run.state === "running") {
    await sleep(LOOK_MS);
    run = await client.ledgerRun(run.ledger);
  }
  if (run.state === "done") return run.built;
  throw new ImmuconfigError(
    "ERR_BUNDLER",
    `${client.name} could not build the ledger: ${run.problem ?? run.state}`,
    { hint: "Look at it where the sources are: bun-config ledger ENTRY. The record was pushed." },
  );
}
