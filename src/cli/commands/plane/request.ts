import { resolve } from "node:path";
import type { PlaneRequest } from "../../../agent/plane_answers.ts";
import type { PlaneClient } from "../../../agent/plane_client.ts";
import { ImmuconfigError, valueError } from "../../../base/errors.ts";
import { parseJsonObject } from "../../../base/json.ts";
import { orderText, type SwitchOrder } from "../../../base/order_words.ts";
import {
  differenceText,
  isValuesOrder,
  STALE_TEXT,
  type ValuesOrder,
  valuesText,
} from "../../../base/values_words.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import { parseLifetime } from "../../args/lifetime.ts";
import type { Command, Context } from "../../command.ts";
import { readText } from "../../files/text_file.ts";
import { ADDRESS_OPTIONS, type AddressRequest, parseAddress, planeClient } from "./address.ts";
import { parseReason, REASON_OPTION } from "./reason.ts";
import {
  parseSwitch,
  SWITCH_OPTIONS,
  SWITCH_USAGE,
  switchOrder,
  type SwitchWish,
} from "./switch_wish.ts";

/** Each action with the options that go with it. */
const ACTIONS = {
  list: [],
  set: ["reason", "in", ...Object.keys(SWITCH_OPTIONS)],
  clear: ["reason", "in"],
  resume: ["reason", "in"],
  values: ["reason", "in"],
  plain: ["reason", "in"],
  reject: ["reason"],
} as const;

/** What somebody else is to approve. */
type Wanted =
  | ({ readonly action: "set" } & SwitchWish)
  | { readonly action: "clear" | "resume" | "plain" }
  | { readonly action: "values"; readonly path: string };

type Asking = Wanted & {
  readonly flag: string;
  readonly reason: string;
  /** Milliseconds; nothing for as soon as it is approved. */
  readonly inMs: number | undefined;
};

type Wish =
  | { readonly action: "list" }
  | Asking
  | { readonly action: "reject"; readonly request: number; readonly reason: string };

export interface RequestRequest extends AddressRequest {
  readonly wish: Wish;
}

export const requestCommand: Command<RequestRequest> = {
  usage: [
    "[list]",
    `${SWITCH_USAGE} [--in TIME]`,
    "clear NAME --reason TEXT [--in TIME]",
    "resume NAME --reason TEXT [--in TIME]",
    "values NAME FILE --reason TEXT [--in TIME]",
    "plain NAME --reason TEXT [--in TIME]",
    "reject NUMBER --reason TEXT",
  ],
  words: Object.keys(ACTIONS),
  takesFiles: true,
  flagPrefix: "",
  options: {
    ...ADDRESS_OPTIONS,
    ...REASON_OPTION,
    ...SWITCH_OPTIONS,
    in: { value: "TIME", summary: "when it is to be done: 10m, 2h, 7d (from now)" },
  },
  examples: [
    "bun-config request --env live                        # with what each would change",
    'bun-config request set CHECKOUT_V2 on --env live --reason "launch" --in 2h',
    'bun-config request values BUTTON button.json --env live --reason "try green"',
    'bun-config request plain BUTTON --env live --reason "green it is" --in 2h',
    'bun-config request reject 42 --env live --reason "not now"   # or take one of yours back',
    "bun-config request --env live --json",
  ],
  parse(args) {
    return { ...parseAddress(args), wish: parseWish(args) };
  },
  async run(context, request) {
    const client = planeClient(context, request);
    const { wish } = request;
    switch (wish.action) {
      case "list":
        return list(context, client);
      case "reject": {
        const { version } = await client.environment();
        await client.rejectRequest(wish.request, wish.reason, version);
        context.out.done(
          { request: wish.request, rejected: true },
          `${client.name}: request ${wish.request} will not be done`,
        );
        return;
      }
      default:
        return ask(context, client, wish);
    }
  },
};

async function list({ out }: Context, client: PlaneClient): Promise<void> {
  const { requests } = await client.environment();
  const text = requests.map(requestText).join("\n");
  out.data(requests, text === "" ? `${client.name}: nothing waits` : text);
}

async function ask(context: Context, client: PlaneClient, asking: Asking): Promise<void> {
  const { out, now, cwd } = context;
  const { reason, inMs } = asking;
  const at = inMs === undefined ? null : now().getTime() + inMs;
  const action = orderOf(asking, cwd, at ?? now().getTime());
  const { version } = await client.environment();
  const number = await client.openRequest({ action, at, reason }, version);
  const { requests } = await client.environment();
  const opened = requests.find(({ request }) => request === number);
  const then = "somebody else approves it in the dashboard";
  // Who was quick has decided about it already.
  const shown = opened === undefined ? `request ${number}` : requestText(opened);
  out.done(opened === undefined ? { request: number } : opened, `${shown}\n${then}`);
}

/**
 * @param start when it is to be done, in milliseconds since 1970
 * @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_VALUE`
 */
function orderOf(asking: Asking, cwd: string, start: number): SwitchOrder | ValuesOrder {
  const { flag } = asking;
  switch (asking.action) {
    case "set":
      return switchOrder(flag, asking, start);
    case "clear":
      return { kind: "give_back", flag };
    case "resume":
      return { kind: "resume", flag };
    case "plain":
      return { kind: "clear_variants", flag };
    default:
      return { ...readValues(resolve(cwd, asking.path)), kind: "set_variants", flag };
  }
}

/** @throws ImmuconfigError `ERR_NOT_FOUND`, `ERR_READ`, `ERR_VALUE` */
function readValues(path: string): Readonly<Record<string, unknown>> {
  const text = readText(path);
  if (text === undefined) {
    throw new ImmuconfigError("ERR_NOT_FOUND", `${path} is not there`, {
      hint: "Name a file of JSON with `type`, `variants`, `off` and `rollout`.",
    });
  }
  const values = parseJsonObject(text);
  if (values !== undefined) return values;
  throw valueError(
    `${path} is no object of JSON`,
    "Write `type`, `variants`, `off` and `rollout`, as docs/serve.md shows them.",
  );
}

function requestText({ request, action, at, by, reason, values }: PlaneRequest): string {
  const what = isValuesOrder(action) ? valuesText(action) : orderText(action, timeText);
  const when = at === null ? "" : `, at ${timeText(at)}`;
  const lines = [`${request}  ${by} asks to ${what}${when}: ${reason}`];
  if (values !== undefined) {
    if (values.stale) lines.push(`    it will not be done: ${STALE_TEXT}`);
    if (values.difference.length === 0) lines.push("    it changes nothing");
    lines.push(...values.difference.map((one) => `    ${differenceText(one)}`));
  }
  return lines.join("\n");
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}

function parseWish(args: CommandArguments): Wish {
  const action = args.action("request", ACTIONS, {
    usual: "list",
    always: Object.keys(ADDRESS_OPTIONS),
  });
  const [, name, value, ...more] = args.operands;
  if (action === "list") {
    if (name !== undefined) throw usageError("list takes no operand");
    return { action };
  }
  const takesTwo = action === "set" || action === "values";
  if (name === undefined || (value !== undefined) !== takesTwo || more.length > 0) {
    const operands = { set: "NAME on|off", values: "NAME and FILE", reject: "NUMBER" };
    throw usageError(
      `expected ${{ ...operands, clear: "NAME", resume: "NAME", plain: "NAME" }[action]}`,
    );
  }
  const reason = parseReason(args);
  if (action === "reject") {
    if (!/^\d{1,15}$/.test(name)) throw usageError(`${name} is no number of a request`);
    return { action, request: Number(name), reason };
  }
  const later = args.value("in");
  const asking = {
    flag: name,
    reason,
    inMs: later === undefined ? undefined : parseLifetime(later),
  };
  if (action === "set") return { action, ...asking, ...parseSwitch(args, value) };
  if (action === "values") return { action, ...asking, path: value ?? "" };
  return { action, ...asking };
}
