/** What operators watch, in the format of Prometheus. */

import type * as PromClient from "prom-client";
import type { NatsPublisher } from "./nats/publisher.ts";
import { UNCACHED } from "./http/answers.ts";
import { RouteTimes } from "./route_times.ts";

// As in log.ts.
const { Counter, Gauge, Registry } = import.meta.require("prom-client") as typeof PromClient;

/** What is read when somebody asks for the metrics. */
interface Gauges {
  readonly streams: () => number;
  /** Of the audit log. */
  readonly sequence: () => number;
}

export class Metrics {
  readonly #registry = new Registry();
  /** By path. */
  readonly #routes = new Map<string, RouteTimes>();

  constructor({ streams, sequence }: Gauges) {
    this.#countRequests();
    this.#timeRequests();
    this.#gauge("immuconfig_event_streams", "Event streams that are open", streams);
    this.#gauge("immuconfig_audit_sequence", "The last row of the audit log", sequence);
    this.#gauge("immuconfig_resident_bytes", "Memory of the server", () =>
      process.memoryUsage.rss(),
    );
  }

  /** Where the requests of a path are counted. */
  route(path: string): RouteTimes {
    const times = this.#routes.get(path) ?? new RouteTimes(path);
    this.#routes.set(path, times);
    return times;
  }

  async render(): Promise<Response> {
    const text = await this.#registry.metrics();
    return new Response(text, {
      headers: { ...UNCACHED, "content-type": this.#registry.contentType },
    });
  }

  /** What is told a broker. */
  watchNats(
    publisher: Pick<NatsPublisher, "isConnected" | "waitingCount" | "publishedCount">,
  ): void {
    this.#gauge("immuconfig_nats_connected", "Whether the broker is there", () =>
      Number(publisher.isConnected),
    );
    this.#gauge(
      "immuconfig_nats_waiting",
      "Environments whose newest state is not published",
      () => publisher.waitingCount,
    );
    this.#gauge(
      "immuconfig_nats_published",
      "Messages published since the start",
      () => publisher.publishedCount,
    );
  }

  #countRequests(): void {
    const counter: PromClient.Counter = new Counter({
      name: "immuconfig_requests_total",
      help: "Requests by route and status",
      labelNames: ["method", "route", "status"],
      registers: [this.#registry],
      collect: () => {
        counter.reset();
        for (const { path: route, counts } of this.#routes.values()) {
          for (const { method, status, count } of counts) {
            counter.inc({ method, route, status: String(status) }, count);
          }
        }
      },
    });
  }

  /** A histogram of prom-client's takes each time by itself, which costs more than many a request. */
  #timeRequests(): void {
    const name = "immuconfig_request_seconds";
    const histogram = {
      name,
      help: "Time from the request to its answer",
      get: () =>
        Promise.resolve({
          ...histogram,
          type: "histogram",
          values: [...this.#routes.values()].flatMap((times) => times.samples(name)),
        }),
    };
    // Of a metric, the registry asks for no more than this.
    this.#registry.registerMetric(histogram as unknown as PromClient.Metric);
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge: PromClient.Gauge = new Gauge({
      name,
      help,
      registers: [this.#registry],
      collect: () => gauge.set(read()),
    });
  }
}
