/**
 * `bun-config build` with plain options, started with as little code as possible: every function
 * that a program runs for the first time costs it more than the work it does. What is done with the
 * bundle is loaded while the bundler runs.
 *
 * Nothing is decided here: whatever is not plain is left to the whole command, which begins anew.
 */

import { recordedState } from "../../../bundle/flags/recorded_state.ts";
import { type StartedBundle, startBundle } from "../../../bundle/build/start_bundle.ts";
import { watchInputs } from "../../../bundle/build/watch_inputs.ts";
import type { Addon } from "../../../native/addon.ts";
import { libraryPath } from "../../../native/library.ts";
import { inheritedPin } from "../../../runtime/children.ts";
import { fastRead } from "../../../runtime/fast_read.ts";
import { type CommandArguments, parseArguments } from "../../args/arguments.ts";
import { bundleConfig, outputFolder, planBuild } from "./build_plan.ts";
import { COMMON_OPTIONS } from "./common_options.ts";

/** A build under way, and where its outputs go. */
export interface QuickBuild extends StartedBundle {
  readonly args: CommandArguments;
  readonly cwd: string;
  /** Nothing for standard output. */
  readonly folder: string | undefined;
  /** When it began, as `Bun.nanoseconds` gives it. */
  readonly start: number;
  /** The native library, which watches the inputs. */
  readonly addon: Addon;
}

/**
 * Runs a build and sets the process's exit code.
 *
 * @param words of the command line, after the name of the program
 * @param root the folder of the package: a file with bytecode does not know where it lies
 */
export async function quickBuild(words: readonly string[], root: string): Promise<void> {
  const build = startQuickly(words, root);
  if (build !== undefined) {
    const { finishQuickBuild } =
      require("./finish_quick_build.ts") as typeof import("./finish_quick_build.ts");
    const exitCode = await finishQuickBuild(build);
    if (exitCode !== undefined) {
      process.exitCode = exitCode;
      return;
    }
  }
  const { runBuild } = await import("./build_main.ts");
  process.exitCode = await runBuild(words);
}

/** @returns nothing when the whole command must look at it */
function startQuickly(words: readonly string[], root: string): QuickBuild | undefined {
  const start = Bun.nanoseconds();
  const cwd = process.cwd();
  try {
    const args = parseArguments(words.slice(1), COMMON_OPTIONS);
    if (args.has("help")) return undefined;
    const { operands } = args;
    for (const entry of operands) if (entry.endsWith(".zig")) return undefined;
    const plan = planBuild(args, COMMON_OPTIONS);
    const folder = outputFolder(plan, operands, cwd);
    const { env } = process;
    const view = fastRead(env, inheritedPin(env), args.value("file"), cwd, root);
    if (view === undefined) return undefined;
    const { plugin, addon } = watchInputs(libraryPath(root));
    const started = startBundle(operands, recordedState(view), bundleConfig(plan), plugin);
    return { ...started, args, cwd, folder, start, addon };
  } catch {
    return undefined;
  }
}
