/** What is left to do of a quick build while the bundler runs, and after it. */

import { formatElimination } from "../../../bundle/build/elimination.ts";
import { finishWatched } from "../../../bundle/build/watched_bundle.ts";
import { EXIT } from "../../output/exit_codes.ts";
import { processHost } from "../../host.ts";
import { Output } from "../../output/output.ts";
import { reportError } from "../../output/report_error.ts";
import { deliverBundle } from "./deliver_bundle.ts";
import type { QuickBuild } from "./quick_build.ts";

/** @returns the exit code; nothing when the whole command must do it all, and nothing is done */
export async function finishQuickBuild(build: QuickBuild): Promise<number | undefined> {
  const { cwd } = build;
  const out = new Output(process.argv.slice(2), processHost);
  try {
    const bundle = await finishWatched(build, build.addon);
    if (bundle === undefined) return undefined;
    out.note(formatElimination(bundle.elimination));
    await deliverBundle({ out, cwd }, bundle, build);
    return EXIT.done;
  } catch (error) {
    return reportError(error, out, process.env, "build");
  }
}
