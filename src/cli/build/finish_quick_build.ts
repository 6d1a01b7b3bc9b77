/** What is left to do of a quick build while the bundler runs, and after it. */

import { finishBundle } from "../../bundle/bundle_state.ts";
import { EXIT } from "../exit_codes.ts";
import { Output } from "../output.ts";
import { reportError } from "../report_error.ts";
import { deliverBundle } from "./deliver_bundle.ts";
import type { QuickBuild } from "./quick_build.ts";

/** @returns the exit code */
export async function finishQuickBuild(build: QuickBuild): Promise<number> {
  const { args, cwd } = build;
  const out = new Output({
    json: args.has("json"),
    quiet: args.has("quiet"),
    color: args.has("no-color") ? "never" : "auto",
    env: process.env,
  });
  try {
    const bundle = await finishBundle(build, { report: (line) => out.note(line) });
    await deliverBundle({ out, cwd }, bundle, build);
    return EXIT.done;
  } catch (error) {
    return reportError(error, out);
  }
}
