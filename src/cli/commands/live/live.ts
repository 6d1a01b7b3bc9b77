import { liveStatus, type LiveStatus } from "../../../live/status.ts";
import { type LiveChange, openLive } from "../../../live/view.ts";
import { type OverrideResult, setOverride, unsetOverride } from "../../../live/writer.ts";
import { type CommandArguments, unknownWord, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { overrideJson, overrideText } from "../../output/live_overrides.ts";
import { formatDuration } from "../../output/output.ts";
import { locate, refusePinned } from "../../files/project_file.ts";

type Action = (
  context: Context,
  args: CommandArguments,
  operands: readonly string[],
) => Promise<void> | void;

const ACTIONS: Readonly<Record<string, Action>> = { status, set, unset, watch };

export const liveCommand: Command = {
  name: "live",
  summary: "flip flags in running processes, without touching the file",
  usage: ["[status]", "set NAME on|off [--for TIME]", "unset NAME", "watch"],
  words: Object.keys(ACTIONS),
  options: {
    for: { type: "string", value: "TIME", summary: "end the override by itself: 30s, 10m, 2h, 7d" },
  },
  flagPrefix: "",
  examples: [
    "bun-config live set CHECKOUT_V2 off            # a kill switch: at once, in every process",
    "bun-config live set DEBUG on --for 10m",
    "bun-config live unset CHECKOUT_V2              # the file decides again",
    "bun-config live                                # what running processes see",
    "bun-config live watch --json",
  ],
  async run(context, args) {
    const [name = "status", ...operands] = args.operands;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) throw unknownWord("action", name, Object.keys(ACTIONS));
    if (name !== "set" && args.value("for") !== undefined) {
      throw usageError("--for belongs to `live set`");
    }
    await action(context, args, operands);
  },
};

function status(context: Context, args: CommandArguments, operands: readonly string[]): void {
  if (operands.length > 0) throw usageError("status takes no operand");
  const path = locate(context, args);
  const found = liveStatus(path, context.env, context.now().getTime());
  const { segment, condition, isPublished, state } = found;
  context.out.data(
    {
      file: path,
      segment,
      condition,
      published: isPublished,
      generation: state.generation,
      features: { ...state.features },
      overrides: state.overrides.map(overrideJson),
    },
    describe(path, found),
  );
}

async function set(
  context: Context,
  args: CommandArguments,
  operands: readonly string[],
): Promise<void> {
  const [name, value, ...more] = operands;
  if (name === undefined || (value !== "on" && value !== "off") || more.length > 0) {
    throw usageError("expected NAME on|off");
  }
  const lifetime = args.value("for");
  const forMs = lifetime === undefined ? {} : { forMs: parseLifetime(lifetime) };
  await flip(context, args, name, (path, options) =>
    setOverride(path, name, value === "on", { ...options, ...forMs }),
  );
}

async function unset(
  context: Context,
  args: CommandArguments,
  operands: readonly string[],
): Promise<void> {
  const [name, ...more] = operands;
  if (name === undefined || more.length > 0) throw usageError("expected the NAME of one flag");
  await flip(context, args, name, (path, options) => unsetOverride(path, name, options));
}

async function flip(
  context: Context,
  args: CommandArguments,
  flag: string,
  run: (path: string, options: Parameters<typeof unsetOverride>[2]) => Promise<OverrideResult>,
): Promise<void> {
  const path = locate(context, args);
  refusePinned(context, path);
  const start = Bun.nanoseconds();
  const result = await run(path, { env: context.env, now: () => context.now().getTime() });
  const nanoseconds = Bun.nanoseconds() - start;
  const { changed, enabled, endMs } = result;
  const until = endMs === null ? null : new Date(endMs).toISOString();
  const what = `${flag} ${enabled ? "on" : "off"}${until === null ? "" : ` until ${until}`}`;
  context.out.done(
    { file: path, flag, enabled, until, changed, nanoseconds, durable: false },
    changed
      ? `Live: ${what}, in ${formatDuration(nanoseconds)}; the file is as it was`
      : `Live: ${what} already`,
  );
}

async function watch(
  context: Context,
  args: CommandArguments,
  operands: readonly string[],
): Promise<void> {
  if (operands.length > 0) throw usageError("watch takes no operand");
  const live = await openLive(locate(context, args), { env: context.env });
  context.out.note(`Watching (${live.mode}); end with Ctrl-C`);
  for await (const change of live.changes()) printChange(context, change);
}

function printChange(context: Context, { after, flipped }: LiveChange): void {
  const features: Readonly<Record<string, boolean>> = after.features;
  const time = context.now().toISOString();
  const flags = Object.fromEntries(flipped.map((name) => [name, features[name] ?? false]));
  const words = flipped.map((name) => `${name} ${features[name] === true ? "on" : "off"}`);
  context.out.data(
    {
      time,
      generation: after.generation,
      flipped: flags,
      overrides: after.overrides.map(overrideJson),
    },
    `${time}  generation ${after.generation}  ${words.join(", ") || "no flag differs"}`,
  );
}

function describe(path: string, { segment, condition, isPublished, state }: LiveStatus): string {
  const flags = Object.entries(state.features).map(([name, on]) => `${name}=${on ? "on" : "off"}`);
  const publication = isPublished ? "" : ", without the file's record: the next look brings it";
  const seen = condition === "missing" ? "missing: no process reads live flags" : condition;
  return [
    `file        ${path}`,
    `segment     ${segment ?? "(none on this platform)"}`,
    `condition   ${seen}${condition === "missing" ? "" : publication}`,
    `generation  ${state.generation}`,
    `features    ${flags.join(" ") || "(none)"}`,
    `overrides   ${state.overrides.map(overrideText).join(", ") || "(none)"}`,
  ].join("\n");
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** @returns milliseconds */
function parseLifetime(text: string): number {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs;
  throw usageError(`${JSON.stringify(text)} is not a time`, "Give 30s, 10m, 2h or 7d.");
}
