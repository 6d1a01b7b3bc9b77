/**
 * The options of `bun build` that most builds are content with. The others stand in
 * build_options.ts, which a build that needs none of them does not load.
 */

import type { Build } from "bun";
import type { BuildPlan, Minify } from "./build_plan.ts";
import { type BuildOption, flag, list, oneOf, text } from "./option_kinds.ts";

export const COMMON_OPTIONS = {
  outdir: text("PATH", "folder for the outputs", (plan, value) => (plan.outdir = value)),
  outfile: text("PATH", "file for the output", (plan, value) => (plan.outfile = value)),
  sourcemap: {
    ...text("KIND", "linked, inline, external or none", ({ build }, value) => {
      build.sourcemap = oneOf("sourcemap", value, ["linked", "inline", "external", "none"]);
    }),
    whenBare: "linked",
  },
  format: text("FORMAT", "esm, cjs or iife", ({ build }, value) => {
    build.format = oneOf("format", value, ["esm", "cjs", "iife"]);
  }),
  root: text("PATH", "root of several entry points", ({ build }, value) => (build.root = value)),
  splitting: flag("split code into chunks", ({ build }) => (build.splitting = true)),
  target: text("TARGET", "browser, bun, node, or bun-OS-ARCH", setTarget),
  external: list(
    "NAME",
    "leave a module out",
    ({ build }, values) => {
      build.external = [...values];
    },
    "e",
  ),
  packages: text("KIND", "bundle or external", ({ build }, value) => {
    build.packages = oneOf("packages", value, ["bundle", "external"]);
  }),
  minify: flag("minify all", ({ minify }) => minifyAll(minify)),
  "minify-syntax": flag("shorten syntax (the default)", ({ minify }) => (minify.syntax = true)),
  "minify-whitespace": flag("drop white space", ({ minify }) => (minify.whitespace = true)),
  "minify-identifiers": flag("shorten names", ({ minify }) => (minify.identifiers = true)),
} as const satisfies Readonly<Record<string, BuildOption>>;

export function minifyAll(minify: Minify): void {
  minify.syntax ??= true;
  minify.whitespace = true;
  minify.identifiers = true;
}

function setTarget(plan: BuildPlan, value: string): void {
  if (value.startsWith("bun-")) {
    // Bun itself knows which systems there are, and says so.
    plan.compile.target = value as Build.CompileTarget;
    plan.build.target = "bun";
    return;
  }
  plan.build.target = oneOf("target", value, ["browser", "bun", "node"]);
}
