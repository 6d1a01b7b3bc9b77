/** The control plane, and a bare server, each as a process of its own. */

import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { check } from "../support/measure.ts";

const root = join(import.meta.dir, "..", "..");
export const FLAG_COUNT = 32;
export const PLACE = "/v1/projects/bench/environments/live";

const TOKEN = /\bimm_[\w-]{43}/;

export interface Running extends AsyncDisposable {
  readonly url: URL;
  readonly pid: number;
  /** What it said before it listened. */
  readonly said: string;
}

/**
 * Starts a program that prints `at URL`.
 *
 * @param until what it says last before it is used
 */
export async function start(
  words: readonly string[],
  until: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const child = Bun.spawn([process.execPath, ...words], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: 900_000,
  });
  let said = "";
  for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    const url = /at (http:\S+\/)/.exec(said)?.[1];
    if (url === undefined || !until.test(said)) continue;
    const address = new URL(url);
    // The name has two addresses, and the server one.
    if (address.hostname === "localhost") address.hostname = "127.0.0.1";
    return {
      url: address,
      pid: child.pid,
      said,
      async [Symbol.asyncDispose]() {
        child.kill("SIGTERM");
        await child.exited;
      },
    };
  }
  child.kill();
  throw new Error(`it ended before it listened: ${said}`);
}

export class Plane implements AsyncDisposable {
  readonly running: Running;
  readonly token: string;
  readonly #folder: string;
  #tag = "";

  private constructor(running: Running, token: string, folder: string) {
    this.running = running;
    this.token = token;
    this.#folder = folder;
  }

  /** With a project, an environment, and a record of 32 flags. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<Plane> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
    const running = await start(["src/api/server.ts"], TOKEN, {
      PORT: "0",
      IMMUCONFIG_DATA: folder,
      ...env,
    });
    const token = TOKEN.exec(running.said)?.[0] ?? "";
    const plane = new Plane(running, token, folder);
    await plane.call("POST", "/v1/projects", '{"project":"bench"}');
    await plane.call("POST", "/v1/projects/bench/environments", '{"environment":"live"}');
    await plane.call("GET", PLACE);
    await plane.call("PUT", `${PLACE}/record`, recordFile());
    return plane;
  }

  /** Another server on the database of one that runs. */
  static async beside(first: Plane, env: Readonly<Record<string, string>>): Promise<Plane> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
    copyFileSync(join(first.#folder, "online.key"), join(folder, "online.key"));
    const words = ["src/api/server.ts"];
    const running = await start(words, /at /, { PORT: "0", IMMUCONFIG_DATA: folder, ...env });
    return new Plane(running, first.token, folder);
  }

  get headers(): { readonly authorization: string } {
    return { authorization: `Bearer ${this.token}` };
  }

  /** Keeps the tag of the answer for the next change. */
  async call(
    method: string,
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const response = await fetch(new URL(path, this.running.url), {
      method,
      headers: { ...this.headers, ...(this.#tag === "" ? {} : { "if-match": this.#tag }) },
      ...(body === undefined ? {} : { body }),
    });
    check(response.ok, `${method} ${path} answered ${response.status}`);
    this.#tag = response.headers.get("etag") ?? this.#tag;
    return response;
  }

  /** Switches a flag; the answer means that it is on the disk. */
  async flip(flag: string, enabled: boolean): Promise<void> {
    const body = JSON.stringify({ enabled, reason: "bench" });
    await this.call("PUT", `${PLACE}/overrides/${flag}`, body);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.running[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export function recordFile(): Uint8Array<ArrayBuffer> {
  const file = defaultFile({ registry: "https://registry.example.test", project: "bench" });
  const flags = Array.from({ length: FLAG_COUNT }, (_, bit) => ({ bit, name: `FLAG_${bit}` }));
  return new Uint8Array(encodeFile({ ...file, flags }));
}

/** A bare server of the same bytes. */
export async function startBare(record: Uint8Array, flags: string): Promise<Running> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
  const paths = [join(folder, "record"), join(folder, "flags")] as const;
  writeFileSync(paths[0], record);
  writeFileSync(paths[1], flags);
  const running = await start(["benches/children/bare_plane.ts", ...paths], /at /);
  rmSync(folder, { recursive: true, force: true });
  return running;
}
