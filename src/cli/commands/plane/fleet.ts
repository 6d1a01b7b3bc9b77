import { REPORTED_MS } from "../../../agent/status_reports.ts";
import type { FleetView } from "../../../agent/fleet_view.ts";
import { requireBunFor } from "../../../base/bun_only.ts";
import { parseLifetime } from "../../args/lifetime.ts";
import { usageError } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { natsSettings, type NatsWishes } from "../../../fleet/nats_settings.ts";
import { ADDRESS_OPTIONS, type AddressRequest, parseAddress, planeClient } from "./address.ts";
import { NATS_OPTIONS, parseNats } from "./nats_options.ts";
import type { SimulationWish } from "./simulate/simulate.ts";
import { simulationText } from "./simulate/text.ts";

/** Each action with the options that go with it. */
const ACTIONS = {
  status: ["limit", ...Object.keys(ADDRESS_OPTIONS)],
  simulate: ["hosts", "processes", "changes", "every", ...Object.keys(NATS_OPTIONS)],
};
/** What `simulate` starts its processes with. */
const AGENTS = "agents";
const LIMIT = { none: 10, most: 1000 };
const HOSTS = { none: 1000, least: 1, most: 10_000 };
const PROCESSES = { none: 4, least: 1, most: 64 };
const CHANGES = { none: 5, least: 1, most: 1000 };
/** By then the hosts have told how far they are, as where changes are minutes apart. */
const DEFAULT_EVERY = `${(REPORTED_MS + 2000) / 1000}s`;

interface StatusRequest extends AddressRequest {
  readonly action: "status";
  readonly limit: number;
}

interface SimulateRequest extends Omit<SimulationWish, "nats"> {
  readonly action: "simulate";
  readonly nats: NatsWishes;
}

export type FleetRequest = StatusRequest | SimulateRequest | { readonly action: "agents" };

export const fleetCommand: Command<FleetRequest> = {
  usage: [
    "[status] [--limit COUNT]",
    "simulate [--hosts N] [--processes N] [--changes N] [--every TIME] [--nats URL…]",
  ],
  words: Object.keys(ACTIONS),
  options: {
    ...ADDRESS_OPTIONS,
    ...NATS_OPTIONS,
    limit: {
      value: "COUNT",
      summary: `list so many hosts, those that need a look first (default ${LIMIT.none})`,
    },
    hosts: {
      value: "N",
      summary: `simulate so many (default ${HOSTS.none}, at most ${HOSTS.most})`,
    },
    processes: { value: "N", summary: `in so many processes (default ${PROCESSES.none})` },
    changes: { value: "N", summary: `and make so many changes (default ${CHANGES.none})` },
    every: {
      value: "TIME",
      summary: `one after so long (default ${DEFAULT_EVERY}: hosts have reported the last by then)`,
    },
  },
  examples: [
    "bun-config fleet status --env live",
    "bun-config fleet status --limit 1000 --json",
    "bun-config fleet simulate --hosts 10000     # on this machine, with a server of its own",
    "bun-config fleet simulate --hosts 1000 --nats nats://127.0.0.1:4222   # and a broker of yours",
  ],
  parse(args) {
    if (args.operands[0] === AGENTS) return { action: AGENTS };
    const action = args.action("fleet", ACTIONS, { usual: "status" });
    if (args.operands.length > 1) throw usageError(`${action} takes no operand`);
    if (action === "status") {
      const limit = args.number("limit", LIMIT);
      return { action, ...parseAddress(args), limit };
    }
    const hosts = args.number("hosts", HOSTS);
    const processes = args.number("processes", PROCESSES);
    const changes = args.number("changes", CHANGES);
    const everyMs = parseLifetime(args.value("every") ?? DEFAULT_EVERY);
    const nats = parseNats(args);
    return { action, hosts, processes: Math.min(processes, hosts), changes, everyMs, nats };
  },
  async run(context, request) {
    switch (request.action) {
      case "status":
        return status(context, request);
      case "agents":
        return (await import("./simulate/agents.ts")).runAgents(context.companion);
      default:
        return simulation(context, request);
    }
  },
};

async function status(context: Context, request: StatusRequest): Promise<void> {
  const client = planeClient(context, request);
  const fleet = await client.fleet(request.limit);
  context.out.data(fleet, textOf(client.name, fleet));
}

/** @returns 1 where some agent did not have a change in time */
async function simulation(context: Context, wish: SimulateRequest): Promise<number> {
  const { out, companion, env } = context;
  requireBunFor("a simulation");
  const nats = natsSettings(wish.nats, env) ?? null;
  const simulate = await companion("server", ({ simulate: load }) => load());
  const { hosts, processes, changes, everyMs } = wish;
  const asked = { hosts, processes, changes, everyMs, nats };
  const done = await simulate(asked, (text) => out.note(text));
  out.data(done, simulationText(done));
  return done.spreads.every((one) => one.hosts === hosts) ? 0 : 1;
}

function textOf(name: string, fleet: FleetView): string {
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
