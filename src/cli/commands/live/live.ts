import { formatDuration, nanosecondsSince } from "../../../base/units.ts";
import { liveStatus, type LiveStatus } from "../../../live/status.ts";
import { readersOf } from "../../../live/reach.ts";
import { openLive } from "../../../live/view.ts";
import type { LiveChange } from "../../../live/view_types.ts";
import { type OverrideResult, setOverride, unsetOverride } from "../../../live/writer.ts";
import { usageError } from "../../args/arguments.ts";
import { parseLifetime } from "../../args/lifetime.ts";
import type { Command, Context } from "../../command.ts";
import { overrideJson, overrideText } from "../../output/live_overrides.ts";
import { locate, refusePinned } from "../../files/project_file.ts";

/** Each action with the options that go with it. */
const ACTIONS = {
  status: [],
  set: ["for", "even-if-nobody"],
  unset: ["even-if-nobody"],
  watch: [],
} as const;

export type LiveRequest =
  | { readonly action: "status" | "watch" }
  | {
      readonly action: "set";
      readonly name: string;
      readonly enabled: boolean;
      /** How long; nothing for ever. */
      readonly forMs: number | undefined;
      readonly mustReach: boolean;
    }
  | { readonly action: "unset"; readonly name: string; readonly mustReach: boolean };

export const liveCommand: Command<LiveRequest> = {
  usage: [
    "[status]",
    "set NAME on|off [--for TIME] [--even-if-nobody]",
    "unset NAME [--even-if-nobody]",
    "watch",
  ],
  words: Object.keys(ACTIONS),
  options: {
    for: { value: "TIME", summary: "end the override by itself: 30s, 10m, 2h, 7d" },
    "even-if-nobody": {
      summary: "for processes that start later: do not fail when none reads the flags now",
    },
  },
  flagPrefix: "",
  examples: [
    "bun-config live set CHECKOUT_V2 off            # a kill switch: at once, in every process",
    "bun-config live set DEBUG on --for 10m",
    "bun-config live unset CHECKOUT_V2              # the file decides again",
    "bun-config live                                # what running processes see",
    "bun-config live watch --json",
  ],
  parse(args) {
    const action = args.action("live", ACTIONS, { usual: "status" });
    const [, name, value, ...more] = args.operands;
    const lifetime = args.value("for");
    const mustReach = !args.has("even-if-nobody");
    switch (action) {
      case "status":
      case "watch":
        if (name !== undefined) throw usageError(`${action} takes no operand`);
        return { action };
      case "set": {
        if (name === undefined || (value !== "on" && value !== "off") || more.length > 0) {
          throw usageError("expected NAME on|off");
        }
        const forMs = lifetime === undefined ? undefined : parseLifetime(lifetime);
        return { action, name, enabled: value === "on", forMs, mustReach };
      }
      default:
        if (name === undefined || value !== undefined) {
          throw usageError("expected the NAME of one flag");
        }
        return { action, name, mustReach };
    }
  },
  async run(context, request) {
    switch (request.action) {
      case "status":
        return status(context);
      case "watch":
        return watch(context);
      case "unset":
        return flip(context, request.name, (path, options) =>
          unsetOverride(path, request.name, { ...options, mustReach: request.mustReach }),
        );
      default: {
        const { name, enabled, forMs, mustReach } = request;
        return flip(context, name, (path, options) =>
          setOverride(path, name, enabled, {
            ...options,
            mustReach,
            ...(forMs === undefined ? {} : { forMs }),
          }),
        );
      }
    }
  },
};

function status(context: Context): void {
  const path = locate(context);
  const readers = readersOf(path);
  const found = liveStatus(path, context.env, { now: () => context.now().getTime() });
  const { segment, condition, isPublished, state } = found;
  context.out.data(
    {
      file: path,
      segment,
      condition,
      readers,
      published: isPublished,
      generation: state.generation,
      features: state.features,
      overrides: state.overrides.map(overrideJson),
    },
    describe(path, found, readers),
  );
}

async function flip(
  context: Context,
  flag: string,
  run: (path: string, options: Parameters<typeof unsetOverride>[2]) => Promise<OverrideResult>,
): Promise<void> {
  const path = locate(context);
  refusePinned(context, path);
  const start = performance.now();
  const result = await run(path, { env: context.env, now: () => context.now().getTime() });
  const nanoseconds = nanosecondsSince(start);
  const { changed, enabled, endMs, readers } = result;
  const { until } = overrideJson({ name: flag, enabled, endMs });
  const what = overrideText({ name: flag, enabled, endMs });
  context.out.done(
    { file: path, flag, enabled, until, changed, readers, nanoseconds, durable: false },
    changed
      ? `Live: ${what}, in ${formatDuration(nanoseconds)}${seenBy(readers)}; the file is as it was`
      : `Live: ${what} already${seenBy(readers)}`,
  );
}

function seenBy(readers: number | null): string {
  if (readers === null) return "";
  return readers === 1 ? ", seen by 1 process" : `, seen by ${readers} processes`;
}

async function watch(context: Context): Promise<void> {
  const live = await openLive(locate(context), { env: context.env });
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

function describe(path: string, found: LiveStatus, readers: number | null): string {
  const { segment, condition, isPublished, state } = found;
  const flags = Object.entries(state.features).map(([name, on]) => `${name}=${on ? "on" : "off"}`);
  const publication = isPublished ? "" : ", without the file's record: the next look brings it";
  return [
    `file        ${path}`,
    `segment     ${segment ?? "(none on this platform)"}`,
    `condition   ${condition}${condition === "missing" ? "" : publication}`,
    ...(readers === null
      ? []
      : [`readers     ${readers === 0 ? "(none that you may see)" : readers}`]),
    `generation  ${state.generation}`,
    `features    ${flags.join(" ") || "(none)"}`,
    `overrides   ${state.overrides.map(overrideText).join(", ") || "(none)"}`,
  ].join("\n");
}
