/** Upgrades that a package manager carries out, after the release's signature was checked. */

import { spawn } from "node:child_process";
import { childEnd } from "../../../base/child_end.ts";
import { requireYes } from "../../prompt/agree.ts";
import { DEFAULT_SCOPE } from "../../../format/meta.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import { findProgram } from "../../../base/find_program.ts";
import { inspectUpgrade, installedVersion } from "../../../upgrade/engine.ts";
import { managerCommand, type ManagerCommand } from "../../../upgrade/package_manager.ts";
import type { Plan } from "../../../upgrade/plan.ts";
import type { Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { type Setup, upgradeTask } from "./setup.ts";
import { change, line, planJson, signedBy, ignoreEvents } from "./upgrade_words.ts";

export interface ManagedPlan {
  plan: Plan;
  /** The key that signed the release; undefined where it is accepted unsigned. */
  keyId: string | undefined;
  command: ManagerCommand;
}

/**
 * Plans an upgrade by a package manager. Both packages must be signed: the one that the package
 * manager installs and, for Bun, the one that holds the program.
 *
 * @returns undefined when no package manager looks after the program
 * @throws ImmuconfigError as `inspectUpgrade` does
 */
export async function planManaged(
  context: Context,
  setup: Setup,
): Promise<ManagedPlan | undefined> {
  const { product, installation } = setup;
  const { kind } = installation;
  if (kind !== "project" && kind !== "global") return undefined;
  const task = await upgradeTask(context, setup, product.packageName, ignoreEvents);
  const { plan, signature } = await inspectUpgrade(task);
  if (product.id === "bun") {
    const inner = await upgradeTask(context, setup, product.platformPackage, ignoreEvents);
    await inspectUpgrade({ ...inner, requested: plan.to });
  }
  const command = managerCommand(installation, product.packageName, plan.to);
  return command && { plan, keyId: signature?.keyId, command };
}

/**
 * Shows the package manager's command, asks, runs it, and checks what it has done.
 *
 * @throws ImmuconfigError `ERR_USAGE` when nobody can be asked; `ERR_DECLINED`; `ERR_SUBPROCESS` when
 *   the package manager fails; `ERR_PROGRAM` when it brought another version
 */
export async function runManaged(
  context: Context,
  setup: Setup,
  { plan, keyId, command }: ManagedPlan,
): Promise<number> {
  const { out } = context;
  const { product, request } = setup;
  const result = { ...planJson(setup, plan), command: [...command.words] };
  line(out, "version", change(plan.from, plan.to));
  if (plan.change === "none") {
    out.done(result, `${product.title} ${plan.to} is installed already`);
    return EXIT.done;
  }
  line(out, "signature", signedBy(keyId));
  line(out, "command", command.words.join(" "));
  if (request.check || request.dryRun) {
    out.done(result, `${product.title} ${plan.to} is available: ${command.words.join(" ")}`);
    return EXIT.done;
  }
  await requireYes(context, request.yes, "Run it?");
  await runCommand(context, setup, command);
  await checkResult(setup, plan);
  out.done(result, `${product.title} ${plan.to} is installed`);
  return EXIT.done;
}

async function runCommand(
  context: Context,
  { file }: Setup,
  { words, folder }: ManagerCommand,
): Promise<void> {
  const registry = file.meta.registries?.[DEFAULT_SCOPE];
  const pinned =
    registry === undefined ? {} : { BUN_CONFIG_REGISTRY: registry, npm_config_registry: registry };
  const [tool = ""] = words;
  const path = findProgram(tool, context.env);
  if (path === undefined) {
    throw new ImmuconfigError("ERR_SUBPROCESS", `there is no ${tool} on the PATH`, {
      hint: `Install ${tool}, or run yourself: ${words.join(" ")}`,
    });
  }
  const run = spawn(path, words.slice(1), {
    cwd: folder ?? context.cwd,
    env: { ...context.env, ...pinned },
    // Its words are messages: data alone goes to standard output.
    stdio: ["inherit", 2, 2],
  });
  const { exitCode: code } = await childEnd(run);
  if (code === 0) return;
  throw new ImmuconfigError("ERR_SUBPROCESS", `${words.join(" ")} failed with status ${code}`);
}

/** The program at the same path must now be the planned one. */
async function checkResult({ product, installation }: Setup, plan: Plan): Promise<void> {
  if (product.id === "self") return;
  const found = await installedVersion(installation.path);
  if (found === plan.to) return;
  throw new ImmuconfigError(
    "ERR_PROGRAM",
    `the package manager is done, but ${installation.path} reports ${found ?? "nothing"}`,
    { hint: "Look at its messages above." },
  );
}
