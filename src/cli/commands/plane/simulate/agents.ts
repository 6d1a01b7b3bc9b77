/** Many agents in one process: each with its own connection, and its own look at every signature. */

import { Agent, type AgentEvent } from "../../../../agent/agent.ts";
import { PlaneClient } from "../../../../agent/plane_client.ts";
import type { Transport } from "../../../../agent/transport.ts";
import { sleep } from "../../../../base/sleep.ts";
import { decodeUnverified, type File } from "../../../../format/file.ts";
import type { WantedOverride } from "../../../../live/writer.ts";
import type { Companion } from "../../../companions.ts";
import { type AgentsNews, type AgentsOrder, cpuMsOf, sharedNow } from "./messages.ts";

/** Milliseconds between two lines of news. */
const NEWS_MS = 50;
/** Milliseconds between two words on what it costs, where there is nothing else to tell. */
const COST_MS = 1000;
/** Agents that begin at once: a fleet does not start in one instant either. */
const STARTED_AT_ONCE = 50;
const START_PAUSE_MS = 25;

/** Runs until standard input ends. */
export async function runAgents(companion: Companion): Promise<void> {
  const reader = Bun.stdin.stream().getReader();
  const { value } = await reader.read();
  const order = JSON.parse(new TextDecoder().decode(value)) as AgentsOrder;
  const stop = new AbortController();
  const news = new Map<number, number[]>();
  const tell = setInterval(() => writeNews(news), NEWS_MS);
  const count = setInterval(() => writeLines([[0, []]]), COST_MS);
  const running: Promise<void>[] = [];
  const ended = reader.read().then(() => stop.abort());
  const file = decodeUnverified(Buffer.from(order.record, "base64"));
  for (let index = 0; index < order.count && !stop.signal.aborted; index++) {
    const transport = await transportOf(order, companion);
    running.push(agentOf(order, transport, index, file, news, stop.signal).run());
    if (index % STARTED_AT_ONCE === 0) await sleep(START_PAUSE_MS);
  }
  await ended;
  clearInterval(tell);
  clearInterval(count);
  await Promise.all(running);
}

async function transportOf(order: AgentsOrder, companion: Companion): Promise<Transport> {
  const { server, token, project, environment, nats: settings } = order;
  if (settings === null) {
    return new PlaneClient({ server, token, project, environment });
  }
  const options = { settings, project, environment, onTrouble: complain };
  return companion("server", ({ openNats }) => openNats(options));
}

function agentOf(
  order: AgentsOrder,
  transport: Transport,
  index: number,
  file: File,
  news: Map<number, number[]>,
  signal: AbortSignal,
): Agent {
  const { project, environment } = order;
  const keys = [Buffer.from(order.key, "hex")];
  let kept: string | undefined;
  return new Agent({
    transport,
    project,
    environment,
    keys: () => keys,
    kept: {
      path: "memory",
      read: () => kept,
      write: (text) => {
        kept = text;
      },
    },
    switchFlags: (wanted: readonly WantedOverride[]) =>
      Promise.resolve({ applied: wanted.map(({ name }) => name), refused: [] }),
    host: `simulated-${order.first + index}`,
    file: () => file,
    now: () => Date.now(),
    report: (event) => note(event, news),
    signal,
  });
}

function note(event: AgentEvent, news: Map<number, number[]>): void {
  if (event.kind === "offline" || event.kind === "refused") {
    complain(`${event.kind}: ${event.message}`);
  }
  if (event.kind !== "applied") return;
  const times = news.get(event.sequence) ?? [];
  times.push(sharedNow());
  news.set(event.sequence, times);
}

function complain(message: string): void {
  process.stderr.write(`${message}\n`);
}

function writeNews(news: Map<number, number[]>): void {
  if (news.size === 0) return;
  writeLines(news);
  news.clear();
}

function writeLines(news: Iterable<readonly [number, readonly number[]]>): void {
  const cpuMs = cpuMsOf(process.cpuUsage());
  const rss = process.memoryUsage.rss();
  for (const [sequence, times] of news) {
    const line: AgentsNews = { sequence, times, cpuMs, rss };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}
