/** What `feature` is asked for: from its words. Pure. */

import type { FlagTexts } from "../../../format/edit/change_flag.ts";
import { LIVE_LIMITS } from "../../../format/meta.ts";
import type { FlagDefinition } from "../../../format/edit/define_flag.ts";
import {
  type CommandArguments,
  parseNumber,
  unknownWord,
  usageError,
} from "../../args/arguments.ts";

/** Each action with the options that go with it. */
export const FEATURE_ACTIONS = {
  list: [],
  define: ["bit", "description", "owner", "expires", "live"],
  set: ["description", "owner", "expires", "live"],
  rename: [],
  enable: ["define"],
  disable: ["define"],
  retire: ["keep", "mark-only", "yes", "dry-run"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FeatureRequest =
  | { readonly action: "list" }
  | { readonly action: "define"; readonly name: string; readonly definition: FlagDefinition }
  | { readonly action: "set"; readonly name: string; readonly texts: FlagTexts }
  | { readonly action: "rename"; readonly name: string; readonly to: string }
  | {
      readonly action: "switch";
      readonly names: readonly string[];
      readonly enabled: boolean;
      /** Defines the flags that are not there yet. */
      readonly define: boolean;
    }
  | RetireRequest;

/** What `feature retire` is asked for. */
export interface RetireRequest {
  readonly action: "retire";
  readonly name: string;
  /** Which branches stay in the sources; undefined rewrites none. */
  readonly keep: "on" | "off" | undefined;
  /** Marks the flag, whatever the sources say. */
  readonly markOnly: boolean;
  readonly paths: readonly string[];
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** @throws ImmuconfigError `ERR_USAGE`, `ERR_VALUE` */
export function parseFeature(args: CommandArguments): FeatureRequest {
  const action = args.action("feature", FEATURE_ACTIONS);
  const names = args.operands.slice(1);
  switch (action) {
    case "list":
      if (names.length > 0) throw usageError("list takes no names");
      return { action };
    case "define":
      return { action, name: onlyName(names), definition: definitionOf(args) };
    case "set":
      return { action, name: onlyName(names), texts: textsOf(args) };
    case "rename":
      return { action, ...twoNames(names) };
    case "enable":
    case "disable":
      if (names.length === 0) throw usageError("expected the name of a flag");
      return {
        action: "switch",
        names,
        enabled: action === "enable",
        define: args.has("define"),
      };
    default:
      return parseRetire(args, names);
  }
}

function parseRetire(args: CommandArguments, operands: readonly string[]): RetireRequest {
  const [name, ...paths] = operands;
  if (name === undefined) throw usageError("expected the name of a flag");
  const keep = args.value("keep");
  if (keep !== undefined && keep !== "on" && keep !== "off") {
    throw usageError("expected --keep on or --keep off", "It says which branches stay.");
  }
  const markOnly = args.has("mark-only");
  if (markOnly && (keep !== undefined || paths.length > 0)) {
    throw usageError("--mark-only leaves the sources alone", "Leave --keep and the paths out.");
  }
  const dryRun = args.has("dry-run");
  return { action: "retire", name, keep, markOnly, paths, yes: args.has("yes"), dryRun };
}

function onlyName(names: readonly string[]): string {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0) throw usageError("expected the name of one flag");
  return name;
}

function twoNames(names: readonly string[]): { name: string; to: string } {
  const [name, to, ...more] = names;
  if (name === undefined || to === undefined || more.length > 0) {
    throw usageError("expected the name of a flag and its new name");
  }
  return { name, to };
}

function textsOf(args: CommandArguments): FlagTexts {
  const texts = { ...givenTexts(args), ...liveOf(args) };
  if (Object.keys(texts).length > 0) return texts;
  throw usageError("expected --description, --owner, --expires or --live");
}

function definitionOf(args: CommandArguments): FlagDefinition {
  const bit = args.value("bit");
  const { live } = liveOf(args);
  return {
    ...(bit === undefined ? {} : { bit: parseNumber(bit, "bit") }),
    ...givenTexts(args),
    ...(live === undefined || live === "" ? {} : { live }),
  };
}

/** What is said of no flag is `any`: nothing is kept for it. */
function liveOf(args: CommandArguments): Pick<FlagTexts, "live"> {
  const value = args.value("live");
  if (value === undefined) return {};
  if (value === "any") return { live: "" };
  const live = LIVE_LIMITS.find((rule) => rule === value);
  if (live === undefined) throw unknownWord("rule", value, ["any", ...LIVE_LIMITS]);
  return { live };
}

function givenTexts(args: CommandArguments): Omit<FlagTexts, "live"> {
  const names = ["description", "owner", "expires"] as const;
  const given = names.map((name) => [name, args.value(name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}
