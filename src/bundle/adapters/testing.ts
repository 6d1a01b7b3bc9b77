/** `immuconfig/testing`: flags for the length of one test, without a build. For Vitest and `bun test`. */

import { readSource } from "../../base/read_file.ts";
import type { BuildFlags } from "../flags/build_flags.ts";
import { runWithFeatures, type TestFeatures, testFeatures } from "../flags/test_features.ts";
import { warningsOf } from "../source/diagnostic.ts";
import { holdsNeedle } from "../source/needles.ts";
import { checkSource } from "../source/transform.ts";
import {
  askFeaturesModule,
  displayPath,
  FEATURES_MODULE,
  loadBuildFlags,
  mocksFlags,
  PLUGIN_NAME,
  today,
} from "./common.ts";

/**
 * Runs a function with some flags set otherwise than the record: what it calls sees them, and so does
 * what it imports first. A test that runs meanwhile sees its own, if it has a `withFeatures` around it.
 *
 * @param features flags by name
 * @returns what the function returns; of a promise, the flags hold until it is settled
 * @throws ImmuconfigError `ERR_VALUE` for a flag that the record does not define, and where nothing in
 * the process asks for flags while it runs
 * @example
 * import { withFeatures } from "immuconfig/testing";
 * test("the new cart", () => withFeatures({ NEW_CART: true }, () => expect(total()).toBe(3)));
 */
export function withFeatures<Result>(features: TestFeatures, act: () => Result): Result {
  return runWithFeatures(features, act);
}

/** What tests run of the project itself. */
const SOURCES = /^(?!.*[\\/]node_modules[\\/]).*\.[cm]?[jt]sx?$/;

/** Bun decides `feature()` when it loads a file; under `bun test` a module decides it instead. */
function registerForBun(): void {
  const flags = loadBuildFlags({});
  Bun.plugin({
    name: `${PLUGIN_NAME}-testing`,
    setup(build) {
      build.module(FEATURES_MODULE, () => ({ exports: testFeatures(flags), loader: "object" }));
      build.onLoad({ filter: SOURCES }, ({ path, loader }) => {
        const bytes = readSource(path);
        const code = bytes.toString("utf8");
        return { contents: holdsNeedle(bytes) ? asking(code, path, flags) : code, loader };
      });
    },
  });
}

function asking(code: string, path: string, flags: BuildFlags): string {
  if (!mocksFlags(code)) {
    const { diagnostics } = checkSource(code, displayPath(path), flags, today());
    warningsOf(diagnostics);
  }
  return askFeaturesModule(code);
}

/** `bun test` sets it; Vitest has the adapter for Vite. */
const { NODE_ENV, VITEST } = process.env;
if (typeof Bun !== "undefined" && NODE_ENV === "test" && VITEST === undefined) registerForBun();
