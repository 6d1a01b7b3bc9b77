import { ImmuconfigError } from "../../../base/errors.ts";
import { parseLifetime } from "../../args/lifetime.ts";
import { unknownWord, usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import type { PlaneClient, PlaneFlag } from "../../../agent/plane_client.ts";
import { open } from "../../files/project_file.ts";
import { ADDRESS_OPTIONS, type AddressRequest, parseAddress, planeClient } from "./address.ts";

const ACTIONS = ["list", "set", "clear"];

type Wish =
  | { readonly action: "list" }
  | {
      readonly action: "set";
      readonly flag: string;
      readonly enabled: boolean;
      readonly reason: string;
      /** Milliseconds; nothing for ever. */
      readonly forMs: number | undefined;
    }
  | { readonly action: "clear"; readonly flag: string; readonly reason: string };

export interface OverrideRequest extends AddressRequest {
  readonly wish: Wish;
}

export const overrideCommand: Command<OverrideRequest> = {
  usage: ["[list]", "set NAME on|off --reason TEXT [--for TIME]", "clear NAME --reason TEXT"],
  words: ACTIONS,
  flagPrefix: "",
  options: {
    ...ADDRESS_OPTIONS,
    reason: { type: "string", value: "TEXT", summary: "why; it is kept in the audit log" },
    for: { type: "string", value: "TIME", summary: "end it by itself: 30s, 10m, 2h, 7d" },
  },
  examples: [
    'bun-config override set CHECKOUT_V2 off --env live --reason "payments fail" --for 2h',
    'bun-config override clear CHECKOUT_V2 --env live --reason "mended"',
    "bun-config override --env live --json",
  ],
  parse(args) {
    return {
      ...parseAddress(args),
      wish: parseWish(args.operands, args.value("reason"), args.value("for")),
    };
  },
  async run(context, request) {
    const { file } = open(context);
    const client = planeClient(context, request, file);
    const { wish } = request;
    if (wish.action === "list") return list(context, client);
    const { version } = await client.environment();
    const { flag, reason } = wish;
    if (wish.action === "clear") {
      await client.clearOverride(flag, reason, version);
      context.out.done({ flag, override: null }, `${client.name}: ${flag} is as the record says`);
      return;
    }
    const { enabled, forMs } = wish;
    const until = forMs === undefined ? null : context.now().getTime() + forMs;
    await client.setOverride({ flag, enabled, until, reason }, version);
    const state = enabled ? "on" : "off";
    context.out.done(
      { flag, override: { enabled, until, reason } },
      `${client.name}: ${flag} is ${state}${untilText(until)}`,
    );
  },
};

function parseWish(
  [action = "list", flag, value, ...more]: readonly string[],
  reason: string | undefined,
  lifetime: string | undefined,
): Wish {
  if (!ACTIONS.includes(action)) throw unknownWord("action", action, ACTIONS);
  if (action !== "set" && lifetime !== undefined) throw usageError("--for belongs to `set`");
  if (action === "list") {
    if (flag !== undefined) throw usageError("list takes no operand");
    return { action };
  }
  if (flag === undefined || more.length > 0) throw usageError("expected the NAME of one flag");
  if (reason === undefined || reason.trim() === "") {
    throw usageError("there is no reason", "Say why: --reason TEXT.");
  }
  if (action === "clear") {
    if (value !== undefined) throw usageError("expected the NAME of one flag");
    return { action, flag, reason };
  }
  if (value !== "on" && value !== "off") throw usageError("expected NAME on|off");
  const forMs = lifetime === undefined ? undefined : parseLifetime(lifetime);
  return { action: "set", flag, enabled: value === "on", reason, forMs };
}

async function list({ out }: Context, client: PlaneClient): Promise<void> {
  const { flags, record } = await client.environment();
  if (record === null) {
    throw new ImmuconfigError("ERR_NOT_FOUND", `${client.name} has no record`, {
      hint: "Push one: bun-config push.",
    });
  }
  const rows = flags.map(({ name, enabled, recorded, override }) => {
    const json = override === null ? null : { ...override };
    return { name, enabled, recorded, override: json };
  });
  out.data(rows, flags.map(flagText).join("\n"));
}

function flagText({ name, enabled, override }: PlaneFlag): string {
  const state = enabled ? "on" : "off";
  if (override === null) return `${name}  ${state}`;
  return `${name}  ${state}${untilText(override.until)}: ${override.reason}`;
}

function untilText(until: number | null): string {
  return until === null ? "" : ` until ${new Date(until).toISOString()}`;
}
