import type { PlaneFleet } from "../../../agent/plane_client.ts";
import { unknownWord, usageError, parseNumber } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { open } from "../../files/project_file.ts";
import { ADDRESS_OPTIONS, type AddressRequest, parseAddress, planeClient } from "./address.ts";

const ACTIONS = ["status"];
const LIMIT_MAX = 1000;
const DEFAULT_LIMIT = 10;

export interface FleetRequest extends AddressRequest {
  readonly limit: number;
}

export const fleetCommand: Command<FleetRequest> = {
  usage: ["[status] [--limit COUNT]"],
  words: ACTIONS,
  options: {
    ...ADDRESS_OPTIONS,
    limit: {
      type: "string",
      value: "COUNT",
      summary: `list so many hosts, those that need a look first (default ${DEFAULT_LIMIT})`,
    },
  },
  examples: ["bun-config fleet status --env live", "bun-config fleet status --limit 1000 --json"],
  parse(args) {
    const [action = "status", ...more] = args.operands;
    if (!ACTIONS.includes(action)) throw unknownWord("action", action, ACTIONS);
    if (more.length > 0) throw usageError("status takes no operand");
    const limit = parseNumber(args.value("limit") ?? String(DEFAULT_LIMIT), "limit");
    if (limit > LIMIT_MAX) throw usageError(`a limit is at most ${LIMIT_MAX}`);
    return { ...parseAddress(args), limit };
  },
  async run(context, request) {
    const { file } = open(context);
    const client = planeClient(context, request, file);
    const fleet = await client.fleet(request.limit);
    context.out.data(JSON.parse(JSON.stringify(fleet)), textOf(client.name, fleet));
  },
};

function textOf(name: string, fleet: PlaneFleet): string {
  const { counts, sequence, sequences, curve, hosts } = fleet;
  const { hosts: all, current, behind, silent, refusing } = counts;
  if (all === 0) return `${name}: no host has reported in a day`;
  const lines = [
    `${name}: ${current} of ${all} have set ${sequence}; ${behind} behind, ${silent} silent, ${refusing} refusing`,
    ...sequences
      .filter(({ value }) => value !== sequence)
      .map(
        ({ value, hosts: count }) => `  ${count} at ${value === null ? "none" : `set ${value}`}`,
      ),
  ];
  const last = curve.at(-1);
  if (last !== undefined) {
    const at = (share: number): number =>
      curve.find(({ hosts: count }) => count >= share * last.hosts)?.ms ?? last.ms;
    lines.push(
      `  it was with half after ${at(0.5)} ms, with 99 % after ${at(0.99)} ms, with all ${last.hosts} that saw it come after ${last.ms} ms`,
    );
  }
  for (const host of hosts) {
    const set = host.sequence === null ? "none" : `set ${host.sequence}`;
    const generation = host.generation === null ? "no record" : `generation ${host.generation}`;
    const left = host.refused.length === 0 ? "" : `; not in its record: ${host.refused.join(", ")}`;
    const problem = host.problem === null ? "" : `; ${host.problem}`;
    const seen = host.silent ? `, silent since ${new Date(host.seen).toISOString()}` : "";
    lines.push(`${host.host}  ${set}, ${generation}${seen}${left}${problem}`);
  }
  return lines.join("\n");
}
