// What docs/fleet.md promises of a fleet over NATS, each beside its floor of the same run: `bun run bench:fleet`.
// It needs nats-server, and takes redis-server where there is one. --write puts the table on the page;
// --quick measures once, small, to show that it works. Ends with 1 when a bound does not hold.
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Broker, hasNats } from "../tests/support/nats.ts";
import { describeMachine } from "./claims/machine.ts";
import { changeTimes } from "./fleet/change.ts";
import { PROCESSES } from "./fleet/plane.ts";
import { idleCost } from "./fleet/idle.ts";
import { messagesOverLink } from "./fleet/leaf.ts";
import { Redis } from "./fleet/redis.ts";
import { simulatedFleet } from "./fleet/simulated.ts";
import { formatTime, verdict } from "./support/measure.ts";
import { replaceMeasured } from "./support/page.ts";

/** One line: a figure, beside what, and what it may be at most. */
interface Row {
  readonly name: string;
  readonly figure: string;
  readonly beside: string;
  /** Nothing for what is only told. */
  readonly holds?: boolean;
}

const quick = process.argv.includes("--quick");
const AGENTS = quick ? 8 : 1000;
const ROUNDS = quick ? 1 : 45;
const AT_LEAF = quick ? 4 : 200;
const SIMULATED = quick ? 20 : 10_000;
const SIMULATED_CHANGES = quick ? 1 : 4;
const IDLE_MS = quick ? 200 : 30_000;
const RATIO_MAX = 1.3;
const SINGLE_MS_MAX = 10;
const SIMULATED_MS_MAX = 1000;
const IDLE_SHARE_MAX = 0.001;
const IDLE_BYTES_MAX = 60e6;

if (!hasNats()) {
  console.log("nats-server is not installed: nothing was measured");
  process.exit(quick ? 0 : 2);
}
const rows = [
  ...(await changes()),
  ...(await singleAgent()),
  ...(await link()),
  ...(await idle()),
  ...(await simulated()),
];
for (const { name, figure, beside, holds } of rows) {
  const judged = quick || holds === undefined ? "" : `: ${verdict(holds)}`;
  console.log(`${name.padEnd(62)}  ${figure}  (${beside})${judged}`);
}
if (quick) console.log("A quick run: its times say nothing.");
if (process.argv.includes("--write") && !quick) {
  const path = join(import.meta.dir, "..", "docs", "fleet.md");
  const table = rows.map(({ name, figure, beside, holds }) => {
    const judged = holds === undefined ? "" : holds ? "yes" : "no";
    return `| ${name} | ${figure} | ${beside} | ${judged} |`;
  });
  const head = ["| what | measured | beside, or at most | holds |", "| --- | --- | --- | --- |"];
  const parts = [`Measured on: ${describeMachine(new Date())}.`, [...head, ...table].join("\n")];
  writeFileSync(
    path,
    replaceMeasured(readFileSync(path, "utf8"), "bun run bench:fleet --write", parts),
  );
}
process.exit(quick || rows.every(({ holds }) => holds !== false) ? 0 : 1);

async function changes(): Promise<Row[]> {
  await using broker = await Broker.start();
  await using redis = await Redis.start();
  const times = await changeTimes(broker, redis, AGENTS, ROUNDS);
  const { agents, nats, checks } = times;
  const floor = nats.p99 + checks;
  const ratio = agents.p99 / floor;
  const cores = availableParallelism();
  return [
    {
      name: "from a change's answer until 99 % of 1,000 agents have it",
      figure: `${ratio.toFixed(2)} times`,
      beside: `${ms(agents.p99)} / ${ms(floor)} of NATS and checks, at most ${RATIO_MAX} times`,
      holds: ratio <= RATIO_MAX,
    },
    {
      name: "processor time of the agents for it",
      figure: `${times.work.ratio.toFixed(2)} times`,
      beside: `${formatTime(times.work.subject)} / ${formatTime(times.work.floor)} of as many subscribers and checks, at most ${RATIO_MAX} times`,
      holds: times.work.ratio <= RATIO_MAX,
    },
    told("until half of them have it", ms(agents.p50), `99 % in the best round ${ms(agents.best)}`),
    told("the change's answer: it is on the disk", ms(times.answer), "an fsync and more"),
    told("from the request, 99 %", ms(times.whole.p99), `half ${ms(times.whole.p50)}`),
    told(
      "plain NATS, 1,000 subscribers, the same payload: 99 %",
      ms(nats.p99),
      `half ${ms(nats.p50)}`,
    ),
    told(
      "Redis publish-subscribe, the same: 99 %",
      times.redis === undefined ? "-" : ms(times.redis.p99),
      times.redis === undefined ? "redis-server is not installed" : `half ${ms(times.redis.p50)}`,
    ),
    told("1,000 bare Ed25519 checks, in 4 processes at once", ms(checks), `${PROCESSES} processes`),
    told(
      "plain subscribers that make such a check as they hear: 99 %",
      ms(times.checking.p99),
      `half ${ms(times.checking.p50)}, processor time ${ms(times.checkingWork)}`,
    ),
    // All of them share the cores of one machine: no sooner than this can the last one have it.
    told(
      "those checks' processor time, spread over the cores",
      ms(times.checkWork / cores),
      `${ms(times.checkWork)} over ${cores} cores`,
    ),
    told(
      "the agents' processor time, spread over the cores",
      ms(times.work.subject / 1e6 / cores),
      `${ms(times.work.subject / 1e6)} over ${cores} cores`,
    ),
    told("memory of all agents' processes", mb(times.agentBytes), `${PROCESSES} processes`),
  ];
}

async function singleAgent(): Promise<Row[]> {
  await using broker = await Broker.start();
  const { agents, nats } = await changeTimes(broker, undefined, 1, ROUNDS);
  const more = agents.p50 - nats.p50;
  return [
    {
      name: "from a change's answer until a single agent has it",
      figure: `${more.toFixed(1)} ms more`,
      beside: `${ms(agents.p50)} / ${ms(nats.p50)} of plain NATS, at most ${SINGLE_MS_MAX} ms more`,
      holds: more < SINGLE_MS_MAX,
    },
  ];
}

async function link(): Promise<Row[]> {
  const messages = await messagesOverLink(AT_LEAF, quick ? 1 : 20);
  return [
    {
      name: "messages over the link to a leaf of 200 agents, a change",
      figure: messages.toFixed(2),
      beside: "at most 1",
      holds: messages <= 1,
    },
  ];
}

async function idle(): Promise<Row[]> {
  await using broker = await Broker.start();
  const { share, bytes } = await idleCost(broker, IDLE_MS);
  return [
    {
      name: "processor of an agent that has nothing to do",
      figure: `${(share * 100).toFixed(3)} % of a core`,
      beside: `at most ${IDLE_SHARE_MAX * 100} %`,
      holds: share < IDLE_SHARE_MAX,
    },
    {
      name: "memory of it",
      figure: mb(bytes),
      beside: `at most ${mb(IDLE_BYTES_MAX)}`,
      holds: bytes < IDLE_BYTES_MAX,
    },
  ];
}

async function simulated(): Promise<Row[]> {
  await using broker = await Broker.start();
  const ways = [["event streams", undefined] as const, ["NATS", broker.url] as const];
  const found: Row[] = [];
  for (const [over, url] of ways) {
    const fleet = await simulatedFleet(SIMULATED, SIMULATED_CHANGES, url);
    const memory = `${mb(fleet.serverBytes)} of the server, ${mb(fleet.agentsBytes)} of the agents`;
    found.push(
      {
        name: `99.9 % of 10,000 simulated hosts have a change, over ${over}`,
        figure: ms(fleet.slowest),
        beside: `the slowest change; the fastest ${ms(fleet.fastest)}, as many checks ${ms(fleet.checks)} of processor time, at most ${ms(SIMULATED_MS_MAX)}`,
        holds: fleet.slowest <= SIMULATED_MS_MAX,
      },
      told(`memory of them, over ${over}`, memory, "4 processes of agents"),
    );
  }
  return found;
}

function told(name: string, figure: string, beside: string): Row {
  return { name, figure, beside };
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

function mb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
