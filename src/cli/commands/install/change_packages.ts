/** `add`, `update` and `remove`: resolve, show, ask, list, sign, install. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import { LOCKFILE_SIZE_MAX } from "../../../base/limits.ts";
import { readWhole } from "../../../base/read_file.ts";
import { printable, printableLines } from "../../../base/text.ts";
import { count, dayOf } from "../../../base/units.ts";
import { fetchPackument, registryClient } from "../../../registry/client.ts";
import { registryToken } from "../../../registry/token.ts";
import { createFile, replaceFile } from "../../../store/durable_write.ts";
import { type ProjectLock, readProjectLock } from "../../../trust/gate/project_lock.ts";
import { requireAllowed } from "../../../trust/gate/review.ts";
import type { LockedPackage } from "../../../trust/lock/bun_lock.ts";
import { describePackage, registryOf } from "../../../trust/lock/lock_rules.ts";
import type { Command, Context } from "../../command.ts";
import { reportError } from "../../output/report_error.ts";
import { requireAgreement } from "../../prompt/agree.ts";
import { KEY_OPTIONS, type KeyRequest, keyRequest } from "../../signing/key_options.ts";
import { exitCodeOf } from "../../terminal/exit_code.ts";
import { forwardSignals } from "../../terminal/forward_signals.ts";
import { checkBefore, type Gate, installFrozen, openGate, resolveOnly } from "./gate.ts";
import { ALLOW_OPTION, allowedRules, listPackages } from "./lock.ts";

export interface ChangeRequest extends KeyRequest {
  /** For Bun. */
  readonly words: readonly string[];
  readonly allow: readonly string[];
  readonly yes: boolean;
}

/** How long a registry may take to say when a package was published, in milliseconds. */
const AGE_WAIT_MS = 10_000;
/** Packages whose age is asked for. */
const AGE_COUNT_MAX = 100;

export const addCommand = packagesCommand("add", "[NAME[@VERSION]…]", [
  "bun-config add left-pad",
  "bun-config add --dev typescript@6",
]);
export const updateCommand = packagesCommand("update", "[NAME…]", ["bun-config update"]);
export const removeCommand = packagesCommand("remove", "NAME…", ["bun-config remove left-pad"]);

function packagesCommand(
  verb: "add" | "update" | "remove",
  operands: string,
  examples: readonly string[],
): Command<ChangeRequest> {
  return {
    usage: [`${operands} [--allow RULE] [--yes] [OPTIONS OF BUN ${verb.toUpperCase()}]`],
    forwards: true,
    options: {
      allow: ALLOW_OPTION,
      yes: { summary: "go on without asking" },
      ...KEY_OPTIONS,
    },
    examples,
    parse: (args) => ({
      ...keyRequest(args),
      words: args.operands,
      allow: allowedRules(args),
      yes: args.has("yes"),
    }),
    run: (context, request) => changePackages(context, verb, request),
  };
}

async function changePackages(
  context: Context,
  verb: string,
  request: ChangeRequest,
): Promise<number> {
  const gate = openGate(context, request.words);
  const before = checkBefore(gate, request.words);
  const saved = saveManifests(before);
  const signals = forwardSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
  const end = (signal: NodeJS.Signals): never => {
    try {
      saved.restore();
    } catch (error) {
      reportError(error, context.out, context.env, verb);
    }
    process.exit(exitCodeOf({ exitCode: null, signalCode: signal }));
  };
  try {
    let ended: NodeJS.Signals | undefined;
    const { failed, output } = await resolveOnly(gate, [verb, ...request.words], (kill) =>
      signals.to((signal) => {
        // Nothing is put back before Bun, which writes it, is gone.
        ended = signal;
        kill(signal);
      }),
    );
    if (ended !== undefined) end(ended);
    signals.to(end);
    if (failed) {
      throw new ImmuconfigError(
        "ERR_SUBPROCESS",
        `bun ${verb} failed:\n${printableLines(output)}`,
        {
          hint: "Nothing was changed.",
        },
      );
    }
    refuseEmpty(gate);
    const after = readProjectLock(gate.folder);
    requireAllowed(after, gate.file.meta.registries ?? {}, request.allow, gate.file.packages);
    const shown = await describeChange(gate, before, after);
    await requireAgreement(context, shown, "Install it?", request.yes);
    await listPackages(context, after, request);
    // From here on the record lists the new set: what fails now, an install mends.
    saved.keep();
    signals.stop();
    return await installFrozen(openGate(context, []), after, []);
  } finally {
    saved.restore();
    signals.stop();
  }
}

/** Bun deletes a `bun.lock` without packages, and then there is nothing to compare an install with. */
function refuseEmpty({ folder }: Gate): void {
  if (existsSync(join(folder, "bun.lock"))) return;
  throw new ImmuconfigError("ERR_PACKAGES", "no package would be left to list", {
    hint: "Keep one: the record has a list, and Bun keeps no bun.lock for a project without packages.",
  });
}

/** What Bun writes when it resolves, to be put back where the user does not agree. */
function saveManifests({ folder, lock }: ProjectLock) {
  const paths = [
    join(folder, "bun.lock"),
    ...Array.from(lock.workspaces.keys(), (workspace) => join(folder, workspace, "package.json")),
  ];
  const saved = paths.map((path) => ({ path, bytes: readWhole(path, LOCKFILE_SIZE_MAX) }));
  let isKept = false;
  return {
    keep: () => void (isKept = true),
    /** @throws ImmuconfigError `ERR_READ` or `ERR_WRITE` for one that could not be put back; the others were */
    restore(): void {
      if (isKept) return;
      const faults: ImmuconfigError[] = [];
      for (const { path, bytes } of saved) {
        try {
          putBack(path, bytes);
        } catch (error) {
          if (!(error instanceof ImmuconfigError)) throw error;
          faults.push(error);
        }
      }
      const [fault] = faults;
      if (fault !== undefined) throw fault;
    },
  };
}

function putBack(path: string, bytes: Uint8Array): void {
  if (!existsSync(path)) createFile(path, bytes);
  else if (Buffer.compare(readWhole(path, LOCKFILE_SIZE_MAX), bytes) !== 0)
    replaceFile(path, bytes);
}

async function describeChange(
  gate: Gate,
  before: ProjectLock,
  after: ProjectLock,
): Promise<string> {
  const old = new Set(before.lock.packages.map(describePackage));
  const new_ = new Set(after.lock.packages.map(describePackage));
  const added = after.lock.packages.filter((entry) => !old.has(describePackage(entry)));
  const gone = [...old].filter((about) => !new_.has(about));
  const ages = await Promise.all(
    added.slice(0, AGE_COUNT_MAX).map((entry) => describeAge(gate, entry)),
  );
  const lines = added.map((entry, i) => {
    const notes = [
      ages[i] ?? "age not asked for",
      ...(entry.info.has("hasInstallScript") ? ["HAS AN INSTALL SCRIPT"] : []),
    ];
    return `  + ${printable(describePackage(entry))}, ${notes.join(", ")}`;
  });
  lines.push(...gone.map((about) => `  - ${printable(about)}`));
  return lines.length === 0 ? "No package changes." : `Packages:\n${lines.join("\n")}`;
}

/** When a version was published, as its registry says. */
async function describeAge(
  { context, file }: Gate,
  { name, kind, resolution }: LockedPackage,
): Promise<string> {
  const url = registryOf(name, file.meta.registries ?? {});
  if (kind !== "npm" || url === undefined) return "from no registry";
  try {
    const client = registryClient(url, registryToken(url, context.env), AGE_WAIT_MS);
    const { published } = await fetchPackument(client, name);
    const date = published.get(resolution);
    if (date === undefined) return "of unknown age";
    const days = Math.floor((context.now().getTime() - date.getTime()) / 86_400_000);
    return `published ${dayOf(date)}, ${count(days, "day")} ago`;
  } catch (error) {
    if (error instanceof ImmuconfigError) return "of unknown age";
    throw error;
  }
}
