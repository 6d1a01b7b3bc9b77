/** A copy of an example in a folder of its own, with the package linked as an install would. */

import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const root = join(import.meta.dir, "..", "..");
const RUN_TIMEOUT_MS = 60_000;
const START_TIMEOUT_MS = 10_000;

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Project {
  readonly folder: string;
  readonly #env: Record<string, string | undefined>;

  constructor(example: string) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-start-")));
    cpSync(join(root, "examples", example), this.folder, { recursive: true });
    const bin = join(this.folder, "node_modules", ".bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(root, join(this.folder, "node_modules", "immuconfig"));
    symlinkSync(join(root, "dist", "cli", "config.js"), join(bin, "bun-config"));
    const {
      IMMUCONFIG_FILE: _file,
      IMMUCONFIG_PIN: _pin,
      BUN_OPTIONS: _options,
      ...env
    } = process.env;
    this.#env = { ...env, PATH: [bin, env["PATH"] ?? ""].join(delimiter) };
  }

  run(command: readonly string[], env: Record<string, string> = {}): Ran {
    const child = Bun.spawnSync([...command], {
      cwd: this.folder,
      env: { ...this.#env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: RUN_TIMEOUT_MS,
    });
    return {
      exitCode: child.exitCode,
      stdout: child.stdout.toString().trim(),
      stderr: child.stderr.toString().trim(),
    };
  }

  /** Runs `bun-config`; throws when it does not exit with 0. */
  config(...args: string[]): string {
    const { exitCode, stdout, stderr } = this.run([
      "bun",
      join(root, "dist/cli/config.js"),
      ...args,
    ]);
    if (exitCode !== 0)
      throw new Error(`bun-config ${args.join(" ")} exited ${exitCode}: ${stderr}`);
    return stdout;
  }

  /** Starts a server, hands its URL to `use`, and ends it. */
  async serve<T>(command: readonly string[], use: (url: string) => Promise<T>): Promise<T> {
    const child = Bun.spawn([...command], {
      cwd: this.folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
    try {
      let said = "";
      for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
        said += chunk;
        const url = /http:\/\/[^\s]+/.exec(said)?.[0];
        if (url !== undefined) {
          clearTimeout(timer);
          return await use(url.replace(/\/$/, ""));
        }
      }
      throw new Error(`the server ended before it listened: ${said}`);
    } finally {
      clearTimeout(timer);
      child.kill("SIGTERM");
      await child.exited;
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
