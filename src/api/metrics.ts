/** What operators watch, in the format of Prometheus. */

import type * as PromClient from "prom-client";

// As in log.ts.
const { Counter, Gauge, Histogram, Registry } = import.meta.require(
  "prom-client",
) as typeof PromClient;

/** Seconds: most answers take tens of microseconds. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2];

/** What is read when somebody asks for the metrics. */
interface Gauges {
  readonly streams: () => number;
  /** Of the audit log. */
  readonly sequence: () => number;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Counter({
    name: "immuconfig_requests_total",
    help: "Requests by route and status",
    labelNames: ["method", "route", "status"],
    registers: [this.#registry],
  });
  readonly #duration = new Histogram({
    name: "immuconfig_request_seconds",
    help: "Time from the request to its answer",
    labelNames: ["route"],
    buckets: BUCKETS,
    registers: [this.#registry],
  });

  constructor({ streams, sequence }: Gauges) {
    this.#gauge("immuconfig_event_streams", "Event streams that are open", streams);
    this.#gauge("immuconfig_audit_sequence", "The last row of the audit log", sequence);
    this.#gauge("immuconfig_resident_bytes", "Memory of the server", () =>
      process.memoryUsage.rss(),
    );
  }

  /** @param seconds from the request to its answer */
  observe(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status: String(status) });
    this.#duration.observe({ route }, seconds);
  }

  async render(): Promise<Response> {
    const text = await this.#registry.metrics();
    return new Response(text, { headers: { "content-type": this.#registry.contentType } });
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
