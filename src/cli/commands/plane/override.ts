import { type CommandArguments, usageError } from "../../args/arguments.ts";
import { shareText } from "../../../base/shares.ts";
import type { Command, Context } from "../../command.ts";
import type { PlaneFlag, PlaneRollout } from "../../../agent/plane_answers.ts";
import type { PlaneClient } from "../../../agent/plane_client.ts";
import {
  ADDRESS_OPTIONS,
  type AddressRequest,
  noRecord,
  parseAddress,
  planeClient,
} from "./address.ts";
import { parseReason, REASON_OPTION } from "./reason.ts";
import { parseSwitch, SWITCH_OPTIONS, SWITCH_USAGE, type SwitchWish } from "./switch_wish.ts";

/** Each action with the options that go with it. */
const ACTIONS = {
  list: [],
  set: ["reason", ...Object.keys(SWITCH_OPTIONS)],
  clear: ["reason"],
  halt: ["reason"],
  resume: ["reason"],
} as const;

interface SetWish extends SwitchWish {
  readonly action: "set";
  readonly flag: string;
  readonly reason: string;
}

type Wish =
  | { readonly action: "list" }
  | SetWish
  | {
      readonly action: "clear" | "halt" | "resume";
      readonly flag: string;
      readonly reason: string;
    };

export interface OverrideRequest extends AddressRequest {
  readonly wish: Wish;
}

export const overrideCommand: Command<OverrideRequest> = {
  usage: [
    "[list]",
    SWITCH_USAGE,
    "clear NAME --reason TEXT",
    "halt NAME --reason TEXT",
    "resume NAME --reason TEXT",
  ],
  words: Object.keys(ACTIONS),
  flagPrefix: "",
  options: {
    ...ADDRESS_OPTIONS,
    ...REASON_OPTION,
    ...SWITCH_OPTIONS,
  },
  examples: [
    'bun-config override set CHECKOUT_V2 off --env live --reason "payments fail" --for 2h',
    'bun-config override set CHECKOUT_V2 on --wave 1%,10%,50%,100% --every 10m --reason "launch"',
    'bun-config override halt CHECKOUT_V2 --env live --reason "look first"',
    'bun-config override clear CHECKOUT_V2 --env live --reason "fixed"   # every host, at once',
    "bun-config override --env live --json",
  ],
  parse(args) {
    return { ...parseAddress(args), wish: parseWish(args) };
  },
  async run(context, request) {
    const client = planeClient(context, request);
    const { wish } = request;
    if (wish.action === "list") return list(context, client);
    const { version } = await client.environment();
    const { flag, reason } = wish;
    switch (wish.action) {
      case "set":
        return set(context, client, wish, version);
      case "clear":
        await client.clearOverride(flag, reason, version);
        context.out.done({ flag, override: null }, `${client.name}: ${flag} is as the record says`);
        return;
      case "halt":
        await client.haltRollout(flag, reason, version);
        context.out.done(
          { flag, halted: true },
          `${client.name}: the rollout of ${flag} is halted; the hosts that it reached keep what they have`,
        );
        return;
      default:
        await client.resumeRollout(flag, reason, version);
        context.out.done(
          { flag, halted: false },
          `${client.name}: the rollout of ${flag} goes on after its pause`,
        );
    }
  },
};

async function set(
  { out, now }: Context,
  client: PlaneClient,
  { flag, enabled, forMs, reason, rollout }: SetWish,
  version: number,
): Promise<void> {
  const until = forMs === undefined ? null : now().getTime() + forMs;
  const wave = rollout === undefined ? {} : { rollout };
  await client.setOverride({ flag, enabled, until, reason, ...wave }, version);
  const state = enabled ? "on" : "off";
  const where =
    rollout === undefined ? "" : ` for ${shareText(rollout.shares[0] ?? 0)} of the hosts`;
  out.done(
    { flag, override: { enabled, until, reason, rollout: rollout ?? null } },
    `${client.name}: ${flag} is ${state}${where}${untilText(until)}`,
  );
}

function parseWish(args: CommandArguments): Wish {
  const action = args.action("override", ACTIONS, {
    usual: "list",
    always: Object.keys(ADDRESS_OPTIONS),
  });
  const [, flag, value, ...more] = args.operands;
  if (action === "list") {
    if (flag !== undefined) throw usageError("list takes no operand");
    return { action };
  }
  if (flag === undefined || more.length > 0) throw usageError("expected the NAME of one flag");
  const reason = parseReason(args);
  if (action !== "set") {
    if (value !== undefined) throw usageError("expected the NAME of one flag");
    return { action, flag, reason };
  }
  return { action, flag, reason, ...parseSwitch(args, value) };
}

async function list({ out }: Context, client: PlaneClient): Promise<void> {
  const { flags, record } = await client.environment();
  if (record === null) throw noRecord(client);
  const rows = flags.map(({ name, enabled, recorded, override }) => ({
    name,
    enabled,
    recorded,
    override,
  }));
  out.data(rows, flags.map(flagText).join("\n"));
}

function flagText({ name, enabled, override }: PlaneFlag): string {
  const state = enabled ? "on" : "off";
  if (override === null) return `${name}  ${state}`;
  const { until, reason, rollout } = override;
  const wave = rollout === null ? "" : waveText(override.enabled, rollout);
  return `${name}  ${state}${wave}${untilText(until)}: ${reason}`;
}

function waveText(enabled: boolean, { shares, step, halted }: PlaneRollout): string {
  const reached = shareText(shares[step] ?? 0);
  const next = shares[step + 1];
  const goes = next === undefined ? "" : `, then ${shareText(next)}`;
  const then = halted === null ? goes : `, halted: ${halted.reason}`;
  return ` (${enabled ? "on" : "off"} for ${reached} of the hosts${then})`;
}

function untilText(until: number | null): string {
  return until === null ? "" : ` until ${new Date(until).toISOString()}`;
}
