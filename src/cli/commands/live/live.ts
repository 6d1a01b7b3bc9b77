import { liveStatus, type LiveStatus } from "../../../live/status.ts";
import { openLive } from "../../../live/view.ts";
import type { LiveChange } from "../../../live/view_object.ts";
import { type OverrideResult, setOverride, unsetOverride } from "../../../live/writer.ts";
import { unknownWord, usageError } from "../../args/arguments.ts";
import { parseLifetime } from "../../args/lifetime.ts";
import type { Command, Context } from "../../command.ts";
import { overrideJson, overrideText } from "../../output/live_overrides.ts";
import { formatDuration } from "../../output/output.ts";
import { locate, refusePinned } from "../../files/project_file.ts";

const ACTIONS = ["status", "set", "unset", "watch"];

export type LiveRequest =
  | { readonly action: "status" | "watch" }
  | {
      readonly action: "set";
      readonly name: string;
      readonly enabled: boolean;
      /** How long; nothing for ever. */
      readonly forMs: number | undefined;
    }
  | { readonly action: "unset"; readonly name: string };

export const liveCommand: Command<LiveRequest> = {
  usage: ["[status]", "set NAME on|off [--for TIME]", "unset NAME", "watch"],
  words: ACTIONS,
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
  parse(args) {
    const [action = "status", name, value, ...more] = args.operands;
    const lifetime = args.value("for");
    if (ACTIONS.includes(action)) args.allowOnly(action === "set" ? ["for"] : [], `live ${action}`);
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
        return { action, name, enabled: value === "on", forMs };
      }
      case "unset":
        if (name === undefined || value !== undefined) {
          throw usageError("expected the NAME of one flag");
        }
        return { action, name };
      default:
        throw unknownWord("action", action, ACTIONS);
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
          unsetOverride(path, request.name, options),
        );
      default: {
        const { name, enabled, forMs } = request;
        return flip(context, name, (path, options) =>
          setOverride(path, name, enabled, {
            ...options,
            ...(forMs === undefined ? {} : { forMs }),
          }),
        );
      }
    }
  },
};

function status(context: Context): void {
  const path = locate(context);
  const found = liveStatus(path, context.env, { now: () => context.now().getTime() });
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

async function flip(
  context: Context,
  flag: string,
  run: (path: string, options: Parameters<typeof unsetOverride>[2]) => Promise<OverrideResult>,
): Promise<void> {
  const path = locate(context);
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
