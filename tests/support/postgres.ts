/** A PostgreSQL of the tests' own, on loopback, with its data in a temporary folder. */

import { chownSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free_port.ts";
import { run } from "./run.ts";
import { newTemporaryFolder } from "./temp.ts";
import { isRoot } from "./tools.ts";

const DEBIAN = "/usr/lib/postgresql";

/** The folder of the newest `initdb`, where Debian's package is installed. */
export function findPostgres(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(DEBIAN, version, "bin"))
    .find((folder) => existsSync(join(folder, "initdb")));
}

/** @example await using postgres = await Postgres.create(); */
export class Postgres implements AsyncDisposable {
  readonly url: string;
  readonly #programs: string;
  readonly #folder: string;
  readonly #port: number;
  #count = 0;

  private constructor(programs: string, folder: string, port: number) {
    this.#programs = programs;
    this.#folder = folder;
    this.#port = port;
    this.url = `postgres://immuconfig@127.0.0.1:${port}/postgres`;
  }

  static async create(): Promise<Postgres> {
    const programs = findPostgres();
    if (programs === undefined) throw new Error("PostgreSQL is not installed");
    const folder = newTemporaryFolder();
    if (isRoot) await giveToPostgres(folder);
    const postgres = new Postgres(programs, folder, freePort());
    const data = join(folder, "data");
    await postgres.#program("initdb", "-D", data, "-U", "immuconfig", "-A", "trust", "-E", "UTF8");
    await postgres.start();
    return postgres;
  }

  /** Another database beside the first. @returns its address */
  async newDatabase(): Promise<string> {
    const name = `other${++this.#count}`;
    await using sql = new Bun.SQL(this.url, { max: 1 });
    await sql.unsafe(`CREATE DATABASE ${name}`);
    return this.url.replace(/[^/]+$/, name);
  }

  async start(): Promise<void> {
    const options = `-p ${this.#port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`;
    const log = join(this.#folder, "log");
    await this.#control("-w", "-l", log, "-o", options, "start");
  }

  /** @param mode how `pg_ctl` stops it; `immediate` is a crash */
  async stop(mode: "fast" | "immediate" = "immediate"): Promise<void> {
    await this.#control("-w", "-m", mode, "stop");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #control(...args: readonly string[]): Promise<void> {
    return this.#program("pg_ctl", "-D", join(this.#folder, "data"), ...args);
  }

  /** PostgreSQL refuses to run as root. */
  async #program(name: string, ...args: readonly string[]): Promise<void> {
    const command = [join(this.#programs, name), ...args];
    const asUser = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"];
    // The server outlives pg_ctl and would hold its pipes open.
    const child = Bun.spawn(isRoot ? [...asUser, ...command] : command, {
      cwd: this.#folder,
      stdio: ["ignore", "ignore", "ignore"],
      timeout: 60_000,
    });
    if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
  }
}

async function giveToPostgres(folder: string): Promise<void> {
  chownSync(folder, await postgresId("-u"), await postgresId("-g"));
}

async function postgresId(option: "-u" | "-g"): Promise<number> {
  return Number((await run(["id", option, "postgres"])).stdout);
}
