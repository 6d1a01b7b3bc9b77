import { defineFlag } from "../../../format/edit/define_flag.ts";
import { renameFlag, setFlagTexts } from "../../../format/edit/change_flag.ts";
import { type Change } from "../../../format/edit/change.ts";
import { switchFlags } from "../../../format/edit/switch_flags.ts";
import { type File, flagMeta, isRetired } from "../../../format/file.ts";
import { type FlagSet, hasFlag } from "../../../format/flag_set.ts";
import { recordToText } from "../../../format/record.ts";
import { dayOf, formatDuration } from "../../../base/units.ts";
import type { Command, Context } from "../../command.ts";
import { change } from "../../files/change_file.ts";
import { open } from "../../files/project_file.ts";
import { FEATURE_ACTIONS, type FeatureRequest, parseFeature } from "./feature_request.ts";

export const featureCommand: Command<FeatureRequest> = {
  usage: [
    "list",
    "define NAME [--bit N] [--description TEXT] [--owner TEXT] [--expires DATE] [--live any|off|none]",
    "set NAME [--description TEXT] [--owner TEXT] [--expires DATE] [--live any|off|none]",
    "rename NAME TO",
    "enable NAME… [--define]",
    "disable NAME… [--define]",
    "retire NAME [--keep on|off [PATHS]] [--yes | --dry-run]",
    "retire NAME --mark-only",
  ],
  words: Object.keys(FEATURE_ACTIONS),
  flagPrefix: "",
  options: {
    bit: { value: "N", summary: "the flag's bit, 0 to 1023 (default: a free one)" },
    description: { value: "TEXT", summary: "what the flag does" },
    owner: { value: "TEXT", summary: "who decides about it" },
    expires: { value: "DATE", summary: "its last day, YYYY-MM-DD" },
    live: {
      value: "any|off|none",
      summary: "what overrides of a control plane may do to it (default any; off where frozen)",
    },
    define: { summary: "define a flag that is not there yet" },
    keep: { value: "on|off", summary: "which branches of a retired flag stay" },
    "mark-only": { summary: "retire it and leave the sources alone" },
    yes: { short: "y", summary: "rewrite sources without asking" },
    "dry-run": { summary: "show what retiring would change, and change nothing" },
  },
  examples: [
    "bun-config feature define CHECKOUT_V2 --owner payments --expires 2030-12-31",
    "bun-config feature enable CHECKOUT_V2 DEBUG",
    "bun-config feature set CHECKOUT_V2 --expires 2031-12-31   # an empty text takes it away",
    "bun-config feature set KEY_CHECK --live none              # no control plane switches it",
    "bun-config feature rename CHECKOUT_V2 CHECKOUT",
    "bun-config feature list",
    "bun-config feature retire CHECKOUT_V2 --keep on",
    "bun-config feature retire OLD_UI --keep off src --dry-run",
  ],
  parse: parseFeature,
  async run(context, request) {
    if (request.action === "list") return list(context);
    if (request.action === "switch") return switchAll(context, request);
    if (request.action === "retire") {
      if (request.markOnly) {
        return (await import("./feature_mark.ts")).markRetired(context, request);
      }
      return context.companion("build", ({ retire }) => retire(context, request));
    }
    const { name } = request;
    if (request.action === "set") {
      return apply(context, setFlagTexts(name, request.texts), [name], () => `what ${name} is`);
    }
    if (request.action === "rename") return rename(context, name, request.to);
    return apply(context, defineFlag(name, request.definition), [name], (file) => {
      const flag = file.flags.find((candidate) => candidate.name === name);
      return `${name} at bit ${flag?.bit}`;
    });
  },
};

async function rename(context: Context, name: string, to: string): Promise<void> {
  await apply(context, renameFlag(name, to), [to], () => `${name} as ${to}`);
  context.out.note(
    `note: sources and live overrides that say ${name} are as they were: bun-config check finds the sources`,
  );
}

function list(context: Context): void {
  const { file, pin } = open(context);
  const flags = describeFlags(file, pin?.record.featureFlags ?? file.record.featureFlags);
  const width = Math.max(2, ...flags.map(({ bit }) => String(bit).length));
  const today = dayOf(context.now());
  const lines = flags.map((flag) => {
    const state = flag.retired ? "retired" : flag.enabled ? "on" : "off";
    const expired = flag.expires !== undefined && flag.expires < today;
    const expiry = flag.expires && `${expired ? "expired" : "expires"} ${flag.expires}`;
    const live = flag.live && `live ${flag.live}`;
    const notes = [flag.description, flag.owner && `owner ${flag.owner}`, expiry, live];
    const color = flag.retired ? "dim" : flag.enabled ? "green" : "dim";
    const head = `${String(flag.bit).padStart(width)}  ${context.out.style(color, state.padEnd(7))}`;
    return `${head}  ${flag.name}  ${notes.filter(Boolean).join(", ")}`.trimEnd();
  });
  context.out.data({ flags }, lines.join("\n") || "no flag is defined");
}

/** Every flag of a file, retired ones too. */
function describeFlags(file: File, featureFlags: FlagSet) {
  return file.flags.map(({ bit, name }) => ({
    bit,
    name,
    enabled: hasFlag(featureFlags, bit),
    ...flagMeta(file, name),
    retired: isRetired(file, name),
  }));
}

async function switchAll(
  context: Context,
  { names, enabled, define }: Extract<FeatureRequest, { action: "switch" }>,
): Promise<void> {
  const toggle = switchFlags(names, enabled);
  const withDefinitions: Change = (file) =>
    toggle(names.reduce((current, name) => defineFlag(name)(current), file));
  await apply(context, define ? withDefinitions : toggle, names, () =>
    names.map((name) => `${name} ${enabled ? "on" : "off"}`).join(", "),
  );
}

async function apply(
  context: Context,
  edit: Change,
  names: readonly string[],
  describe: (file: File) => string,
): Promise<void> {
  const { path, before, after, nanoseconds } = await change(context, edit);
  const changed = before !== after;
  const flags = describeFlags(after, after.record.featureFlags);
  context.out.done(
    {
      file: path,
      changed,
      flags: flags.filter((flag) => names.includes(flag.name)),
      record: recordToText(after.record),
      generation: after.generation,
      nanoseconds,
      durable: true,
    },
    changed
      ? `Wrote ${describe(after)} in ${formatDuration(nanoseconds)}, durable`
      : `${describe(after)} already: nothing written`,
  );
}
