import { proveAbsent, type Proof } from "../../../bundle/analysis/proof/prove.ts";
import { findFlag } from "../../../format/edit/switch_flags.ts";
import { printable } from "../../../base/text.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import { BUILD_ONLY_OPTIONS, bundleConfig } from "./build_options.ts";
import { FEATURE_OPTIONS, flagsJson, openForBuild } from "./build_flags.ts";
import type { Command, Context } from "../../command.ts";
import { EXIT } from "../../../base/exit_codes.ts";
import { copies, count } from "../../output/output.ts";
import { open } from "../../files/project_file.ts";

export const proveCommand: Command<CommandArguments> = {
  usage: ["NAME ENTRY… [--sourcemap KIND [--scrub-maps]] [--in FILE]… [OPTIONS OF bun build]"],
  options: {
    in: {
      type: "string",
      multiple: true,
      value: "FILE",
      summary: "look into this built file, instead of building",
    },
    "scrub-maps": { type: "boolean", summary: "as bun-config build --scrub-maps" },
    sourcemap: {
      type: "string",
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
  parse: (args) => args,
  run: prove,
};

const SURVIVORS_SHOWN = 20;

async function prove(context: Context, args: CommandArguments): Promise<number> {
  const [name, ...entries] = args.operands;
  if (name === undefined || entries.length === 0) throw usageError("expected NAME and ENTRY");
  findFlag(open(context).file, name);
  const flags = openForBuild(context, args);
  const files = args.values("in");
  const isMapGiven = args.value("sourcemap") !== undefined;
  const proof = await proveAbsent(name, entries, flags, {
    now: context.now(),
    build: bundleConfig(args, context.cwd),
    scrubMaps: args.has("scrub-maps") || !isMapGiven,
    ...(files.length === 0 ? {} : { files }),
  });
  const { survivors, modules, artefacts, unseen } = proof;
  context.out.data(
    {
      ...flagsJson(flags),
      ...proof,
      modules: [...modules],
      artefacts: [...artefacts],
      unseen: [...unseen],
      survivors: copies(survivors),
    },
    describe(context, proof).join("\n"),
  );
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
  const shown = survivors
    .slice(0, SURVIVORS_SHOWN)
    .map(({ kind, text, where }) => printable(`  ${where}: ${kind} ${JSON.stringify(text)}`));
  const more = survivors.length - shown.length;
  return [
    head,
    looked,
    out.style("red", `${survivors.length} of them ${survivors.length === 1 ? "is" : "are"} left:`),
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...missed,
  ];
}
