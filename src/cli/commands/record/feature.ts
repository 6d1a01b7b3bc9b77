import { defineFlag, type FlagDefinition } from "../../../format/edit/define_flag.ts";
import { type Change } from "../../../format/edit/change.ts";
import { retireFlag, switchFlags } from "../../../format/edit/switch_flags.ts";
import { type File, isRetired } from "../../../format/file.ts";
import { flagMask } from "../../../format/flags.ts";
import { recordToText } from "../../../format/record.ts";
import { dayOf } from "../../../base/units.ts";
import {
  type CommandArguments,
  parseNumber,
  unknownWord,
  usageError,
} from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { formatDuration } from "../../output/output.ts";
import { change, open } from "../../files/project_file.ts";

const ACTIONS = ["list", "define", "enable", "disable", "retire"];

export type FeatureRequest =
  | { readonly action: "list" }
  | { readonly action: "define"; readonly name: string; readonly definition: FlagDefinition }
  | {
      readonly action: "switch";
      readonly names: readonly string[];
      readonly enabled: boolean;
      /** Defines the flags that are not there yet. */
      readonly define: boolean;
    }
  | { readonly action: "retire"; readonly name: string };

export const featureCommand: Command<FeatureRequest> = {
  usage: [
    "list",
    "define NAME [--bit N] [--description TEXT] [--owner TEXT] [--expires DATE]",
    "enable NAME… [--define]",
    "disable NAME… [--define]",
    "retire NAME",
  ],
  words: ACTIONS,
  flagPrefix: "",
  options: {
    bit: { type: "string", value: "N", summary: "the flag's bit, 0 to 31 (default: a free one)" },
    description: { type: "string", value: "TEXT", summary: "what the flag does" },
    owner: { type: "string", value: "TEXT", summary: "who decides about it" },
    expires: { type: "string", value: "DATE", summary: "its last day, YYYY-MM-DD" },
    define: { type: "boolean", summary: "define a flag that is not there yet" },
  },
  examples: [
    "bun-config feature define CHECKOUT_V2 --owner payments --expires 2030-12-31",
    "bun-config feature enable CHECKOUT_V2 DEBUG",
    "bun-config feature list",
    "bun-config feature retire CHECKOUT_V2",
  ],
  parse(args) {
    const [action, ...names] = args.operands;
    switch (action) {
      case undefined:
        throw usageError(`expected one of ${ACTIONS.join(", ")}`);
      case "list":
        if (names.length > 0) throw usageError("list takes no names");
        return { action };
      case "define":
        return { action, name: onlyName(names), definition: definitionOf(args) };
      case "enable":
      case "disable":
        if (names.length === 0) throw usageError("expected the name of a flag");
        return {
          action: "switch",
          names,
          enabled: action === "enable",
          define: args.has("define"),
        };
      case "retire":
        return { action, name: onlyName(names) };
      default:
        throw unknownWord("action", action, ACTIONS);
    }
  },
  async run(context, request) {
    if (request.action === "list") return list(context);
    if (request.action === "switch") return switchAll(context, request);
    const { name } = request;
    if (request.action === "retire") {
      return apply(context, retireFlag(name), [name], () => `${name} retired`);
    }
    await apply(context, defineFlag(name, request.definition), [name], (file) => {
      const flag = file.flags.find((candidate) => candidate.name === name);
      return `${name} at bit ${flag?.bit}`;
    });
  },
};

function list(context: Context): void {
  const { file, pin } = open(context);
  const flags = describeFlags(file, pin?.record.featureFlags ?? file.record.featureFlags);
  const today = dayOf(context.now());
  const lines = flags.map((flag) => {
    const state = flag.retired ? "retired" : flag.enabled ? "on" : "off";
    const expired = flag.expires !== undefined && flag.expires < today;
    const expiry = flag.expires && `${expired ? "expired" : "expires"} ${flag.expires}`;
    const notes = [flag.description, flag.owner && `owner ${flag.owner}`, expiry];
    const color = flag.retired ? "dim" : flag.enabled ? "green" : "dim";
    const head = `${String(flag.bit).padStart(2)}  ${context.out.style(color, state.padEnd(7))}`;
    return `${head}  ${flag.name}  ${notes.filter(Boolean).join(", ")}`.trimEnd();
  });
  context.out.data({ flags }, lines.join("\n") || "no flag is defined");
}

/** Every flag of a file, retired ones too. */
function describeFlags(file: File, featureFlags: number) {
  return file.flags.map(({ bit, name }) => ({
    bit,
    name,
    enabled: (featureFlags & flagMask(bit)) !== 0,
    ...file.meta.flags?.[name],
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

function onlyName(names: readonly string[]): string {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) throw usageError("expected the name of one flag");
  return name;
}

function definitionOf(args: CommandArguments): FlagDefinition {
  const bit = args.value("bit");
  return {
    ...(bit === undefined ? {} : { bit: parseNumber(bit, "bit") }),
    ...given(args, "description"),
    ...given(args, "owner"),
    ...given(args, "expires"),
  };
}

function given(args: CommandArguments, option: "description" | "owner" | "expires") {
  const value = args.value(option);
  return value === undefined ? {} : { [option]: value };
}
