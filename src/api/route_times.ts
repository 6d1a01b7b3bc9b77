/**
 * How often a route was asked, and how long it took: counted in numbers at each request, and put into
 * words when somebody asks for the metrics.
 */

/** Seconds: most answers take tens of microseconds. */
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2];

interface Count {
  readonly method: string;
  readonly status: number;
  readonly count: number;
}

export class RouteTimes {
  readonly path: string;
  /** By method, then by status. */
  readonly #counts = new Map<string, Map<number, number>>();
  /** By bucket; the last one has what took longer. */
  readonly #buckets = new Float64Array(BUCKETS.length + 1);
  #sum = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** @param seconds from the request to its answer */
  observe(method: string, status: number, seconds: number): void {
    let counts = this.#counts.get(method);
    if (counts === undefined) this.#counts.set(method, (counts = new Map()));
    counts.set(status, (counts.get(status) ?? 0) + 1);
    let bucket = 0;
    while (bucket < BUCKETS.length && seconds > (BUCKETS[bucket] ?? 0)) bucket++;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  get counts(): Count[] {
    return [...this.#counts].flatMap(([method, counts]) =>
      [...counts].map(([status, count]) => ({ method, status, count })),
    );
  }

  /** Samples of a Prometheus histogram. */
  samples(name: string): Sample[] {
    const route = this.path;
    let count = 0;
    const buckets = [...this.#buckets].map((added, index) => {
      const labels = { le: BUCKETS[index] ?? "+Inf", route };
      return { metricName: `${name}_bucket`, labels, value: (count += added) };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: { route }, value: this.#sum },
      { metricName: `${name}_count`, labels: { route }, value: count },
    ];
  }
}

export interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}
