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

type Action = (
  context: Context,
  args: CommandArguments,
  names: readonly string[],
) => Promise<void> | void;

const ACTIONS: Readonly<Record<string, Action>> = {
  list,
  define,
  enable: (context, args, names) => switchAll(context, args, names, true),
  disable: (context, args, names) => switchAll(context, args, names, false),
  retire,
};

export const featureCommand: Command = {
  name: "feature",
  summary: "list, define and switch flags",
  usage: [
    "list",
    "define NAME [--bit N] [--description TEXT] [--owner TEXT] [--expires DATE]",
    "enable NAME… [--define]",
    "disable NAME… [--define]",
    "retire NAME",
  ],
  words: Object.keys(ACTIONS),
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
  async run(context, args) {
    const [action, ...names] = args.operands;
    const known = Object.keys(ACTIONS);
    if (action === undefined) throw usageError(`expected one of ${known.join(", ")}`);
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (run === undefined) throw unknownWord("action", action, known);
    await run(context, args, names);
  },
};

function list(context: Context, args: CommandArguments, names: readonly string[]): void {
  if (names.length > 0) throw usageError("list takes no names");
  const { file, pin } = open(context, args);
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

async function define(
  context: Context,
  args: CommandArguments,
  names: readonly string[],
): Promise<void> {
  const name = onlyName(names);
  const bit = args.value("bit");
  const definition: FlagDefinition = {
    ...(bit === undefined ? {} : { bit: parseNumber(bit, "bit") }),
    ...given(args, "description"),
    ...given(args, "owner"),
    ...given(args, "expires"),
  };
  await apply(context, args, defineFlag(name, definition), [name], (file) => {
    const flag = file.flags.find((candidate) => candidate.name === name);
    return `${name} at bit ${flag?.bit}`;
  });
}

async function switchAll(
  context: Context,
  args: CommandArguments,
  names: readonly string[],
  enabled: boolean,
): Promise<void> {
  if (names.length === 0) throw usageError("expected the name of a flag");
  const defineMissing = args.has("define");
  const toggle = switchFlags(names, enabled);
  const withDefinitions: Change = (file) =>
    toggle(names.reduce((current, name) => defineFlag(name)(current), file));
  await apply(context, args, defineMissing ? withDefinitions : toggle, names, () =>
    names.map((name) => `${name} ${enabled ? "on" : "off"}`).join(", "),
  );
}

async function retire(
  context: Context,
  args: CommandArguments,
  names: readonly string[],
): Promise<void> {
  const name = onlyName(names);
  await apply(context, args, retireFlag(name), [name], () => `${name} retired`);
}

async function apply(
  context: Context,
  args: CommandArguments,
  edit: Change,
  names: readonly string[],
  describe: (file: File) => string,
): Promise<void> {
  const { path, before, after, nanoseconds } = await change(context, args, edit);
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

function given(args: CommandArguments, option: "description" | "owner" | "expires") {
  const value = args.value(option);
  return value === undefined ? {} : { [option]: value };
}
