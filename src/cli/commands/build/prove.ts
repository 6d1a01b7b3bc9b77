import { requireBunFor } from "../../../base/bun_only.ts";
import { proveAbsent, type Proof } from "../../../bundle/analysis/proof/prove.ts";
import { findFlag } from "../../../format/edit/switch_flags.ts";
import { firstLines, printable } from "../../../base/text.ts";
import { usageError } from "../../args/arguments.ts";
import {
  type AskedConfig,
  BUILD_ONLY_OPTIONS,
  bundleConfig,
  withFolderSettings,
} from "./build_options.ts";
import {
  FEATURE_OPTIONS,
  type FeatureOverrides,
  flagsJson,
  openForBuild,
  parseFeatures,
} from "./open_for_build.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { count } from "../../../base/units.ts";
import { open } from "../../files/project_file.ts";

export interface ProveRequest {
  /** Of the flag. */
  readonly name: string;
  readonly entries: readonly string[];
  readonly features: FeatureOverrides;
  /** Built files to look into, in place of a build. */
  readonly files: readonly string[];
  readonly build: AskedConfig;
  readonly scrubMaps: boolean;
}

export const proveCommand: Command<ProveRequest> = {
  usage: ["NAME ENTRY… [--sourcemap KIND [--scrub-maps]] [--in FILE]… [OPTIONS OF bun build]"],
  options: {
    in: {
      multiple: true,
      value: "FILE",
      summary: "look into this built file, instead of building",
    },
    "scrub-maps": { summary: "as bun-config build --scrub-maps" },
    sourcemap: {
      value: "KIND",
      whenBare: "linked",
      summary: "prove the map that bun-config build --sourcemap writes (default: a scrubbed one)",
    },
    ...FEATURE_OPTIONS,
    ...BUILD_ONLY_OPTIONS,
  },
  flagPrefix: "",
  takesFiles: true,
  examples: [
    "bun-config prove PREMIUM_TYPES src/server.ts --target bun",
    "bun-config prove PREMIUM_TYPES src/server.ts --in dist/server.js --in dist/server.js.map",
  ],
  parse(args) {
    const [name, ...entries] = args.operands;
    if (name === undefined || entries.length === 0) throw usageError("expected NAME and ENTRY");
    return {
      name,
      entries,
      features: parseFeatures(args),
      files: args.values("in"),
      build: bundleConfig(args),
      scrubMaps: args.has("scrub-maps") || args.value("sourcemap") === undefined,
    };
  },
  run: prove,
};

const SURVIVORS_SHOWN = 20;

async function prove(
  context: Context,
  { name, entries, features, files, build, scrubMaps }: ProveRequest,
): Promise<number> {
  requireBunFor("a build");
  findFlag(open(context).file, name);
  const flags = await openForBuild(context, features);
  const proof = await proveAbsent(name, entries, flags, {
    now: context.now(),
    build: withFolderSettings(build, context),
    scrubMaps,
    ...(files.length === 0 ? {} : { files }),
  });
  const { survivors, unseen } = proof;
  context.out.data({ ...flagsJson(flags), ...proof }, describe(context, proof).join("\n"));
  if (survivors.length > 0) return EXIT.failed;
  return unseen.length === 0 ? EXIT.done : EXIT.incomplete;
}

function describe({ out }: Context, proof: Proof): string[] {
  const { name, enabled, survivors, tokens, modules, artefacts, unseen } = proof;
  const state = enabled ? "on" : "off";
  const what = `${count(tokens, "string or name", "strings and names")} and ${count(modules.length, "module")}`;
  const head = `${name} is ${state}: ${what} stand in its dead branches alone`;
  const looked = printable(`looked into ${artefacts.join(", ")}`);
  const missed = unseen.map((one) => printable(`  not looked at: ${one}`));
  if (survivors.length === 0) {
    const verdict =
      unseen.length === 0
        ? out.style("green", "nothing of them is left")
        : out.style("yellow", "nothing of them was found, which is no proof:");
    return [head, looked, verdict, ...missed];
  }
  const lines = survivors.map(({ kind, text, where }) =>
    printable(`  ${where}: ${kind} ${JSON.stringify(text)}`),
  );
  return [
    head,
    looked,
    out.style("red", `${survivors.length} of them ${survivors.length === 1 ? "is" : "are"} left:`),
    ...firstLines(lines, SURVIVORS_SHOWN),
    ...missed,
  ];
}
