/** nats-server of the tests' own: on loopback, with what it keeps in a temporary folder. */

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free_port.ts";
import { newTemporaryFolder } from "./temp.ts";
import { findTool, requireTool } from "./tools.ts";
import { until } from "./until.ts";

const PROGRAM = "nats-server";
/** Debian has it where only administrators look. */
const PATH = `${process.env["PATH"]}:/usr/sbin`;

export function hasNats(): boolean {
  return findTool(PROGRAM) !== undefined || Bun.which(PROGRAM, { PATH }) !== null;
}

export interface BrokerOptions {
  /** More of its configuration file. */
  readonly config?: string;
  readonly scheme?: "nats" | "tls";
}

/** One server, which can be killed and started again on what it kept. */
export class Broker implements AsyncDisposable {
  readonly port = freePort();
  /** Where leaves come in. */
  readonly leafPort = freePort();
  readonly clusterPort = freePort();
  /** Where it says how it is. */
  readonly monitorPort = freePort();
  readonly folder = newTemporaryFolder();
  readonly url: string;
  #child: Bun.Subprocess | undefined;
  #env: { readonly [name: string]: string } = {};

  constructor({ scheme = "nats" }: BrokerOptions = {}) {
    this.url = `${scheme}://127.0.0.1:${this.port}`;
  }

  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const broker = new Broker(options);
    await broker.run(
      `jetstream { store_dir: "${join(broker.folder, "kept")}" }\n${options.config}`,
    );
    return broker;
  }

  /** @param config all but where it listens */
  async run(config: string): Promise<void> {
    await this.runWhole(
      `listen: "127.0.0.1:${this.port}"\nhttp: "127.0.0.1:${this.monitorPort}"\n${config}`,
    );
  }

  /** @param env what the configuration names by `$` */
  async runWhole(config: string, env: { readonly [name: string]: string } = {}): Promise<void> {
    writeFileSync(join(this.folder, "server.conf"), config);
    this.#env = env;
    await this.again();
  }

  /** Starts it as it was. */
  async again(): Promise<void> {
    const program = Bun.which(PROGRAM, { PATH }) ?? requireTool(PROGRAM);
    const log = join(this.folder, "log");
    this.#child = Bun.spawn([program, "-c", join(this.folder, "server.conf"), "-l", log], {
      env: { ...process.env, ...this.#env },
      stdio: ["ignore", "ignore", "ignore"],
    });
    await until(async () => {
      if (this.#child?.exitCode !== null) throw new Error(`nats-server ended: ${await read(log)}`);
      return isUp(this.port);
    });
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
  }

  /** What it answers under a path of its monitor. */
  // oxlint-disable-next-line typescript/no-explicit-any -- of many shapes
  async monitor(path: string): Promise<any> {
    return (await fetch(`http://127.0.0.1:${this.monitorPort}${path}`)).json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Three servers that keep three replicas. */
export class Cluster implements AsyncDisposable {
  readonly brokers: readonly Broker[];

  private constructor(brokers: readonly Broker[]) {
    this.brokers = brokers;
  }

  static async start(config = ""): Promise<Cluster> {
    const brokers = [new Broker(), new Broker(), new Broker()];
    const routes = brokers.map(({ clusterPort }) => `"nats://127.0.0.1:${clusterPort}"`).join(", ");
    await Promise.all(
      brokers.map((broker, index) =>
        broker.run(`
server_name: n${index}
jetstream { store_dir: "${join(broker.folder, "kept")}", domain: hub }
cluster { name: hub, listen: "127.0.0.1:${broker.clusterPort}", routes: [${routes}] }
leafnodes { listen: "127.0.0.1:${broker.leafPort}" }
${config}`),
      ),
    );
    await until(async () => {
      const { meta_cluster: meta } = (await brokers[0]?.monitor("/jsz")) ?? {};
      return meta?.leader !== undefined && meta.cluster_size === 3;
    });
    return new Cluster(brokers);
  }

  get urls(): string[] {
    return this.brokers.map(({ url }) => url);
  }

  /** The server that leads a stream now. */
  async leaderOf(stream: string): Promise<Broker> {
    let leader: Broker | undefined;
    await until(async () => {
      for (const broker of this.brokers) {
        if (!(await isUp(broker.port))) continue;
        const { account_details: accounts } = await broker.monitor("/jsz?streams=true");
        const streams = accounts?.flatMap((account: any) => account.stream_detail ?? []) ?? []; // oxlint-disable-line typescript/no-explicit-any -- of many shapes
        const found = streams.find(({ name }: { name: string }) => name === stream);
        const index = /^n(\d)$/.exec(found?.cluster?.leader ?? "")?.[1];
        leader = index === undefined ? undefined : this.brokers[Number(index)];
        if (leader !== undefined && (await isUp(leader.port))) return true;
      }
      return false;
    });
    if (leader === undefined) throw new Error(`nobody leads ${stream}`);
    return leader;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const broker of this.brokers) await broker[Symbol.asyncDispose]();
  }
}

/** A server that is alone and takes leaves. */
export async function startHub(): Promise<Broker> {
  const hub = new Broker();
  await hub.run(`
jetstream { store_dir: "${join(hub.folder, "kept")}", domain: hub }
leafnodes { listen: "127.0.0.1:${hub.leafPort}" }
`);
  return hub;
}

/** A leaf of a hub, on which nothing is kept. */
export async function startLeaf(hubs: readonly Broker[], config = ""): Promise<Broker> {
  const leaf = new Broker();
  const urls = hubs.map(({ leafPort }) => `"nats://127.0.0.1:${leafPort}"`).join(", ");
  await leaf.run(`leafnodes { reconnect: 1, remotes: [{ urls: [${urls}] }] }\n${config}`);
  await until(async () => (await leaf.monitor("/leafz")).leafnodes === 1);
  return leaf;
}

async function isUp(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(socket) {
        resolve(true);
        socket.end();
      },
      error: () => resolve(false),
      close: () => resolve(false),
    },
  }).catch(() => resolve(false));
  return promise;
}

async function read(path: string): Promise<string> {
  return (await Bun.file(path).exists()) ? Bun.file(path).text() : "";
}
