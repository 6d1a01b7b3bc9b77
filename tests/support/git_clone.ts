/** Real git repositories in folders of their own, apart from the machine's settings. */

import { afterAll } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type File, decodeFile } from "../../src/format/file.ts";
import { CLI } from "./repository.ts";

const TIMEOUT_MS = 20_000;

export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** For the top of a test file: what it is given is removed in the end. */
export function useClones(): (clone: GitClone) => GitClone {
  const clones: GitClone[] = [];
  afterAll(() => {
    for (const clone of clones) clone.remove();
  });
  return (clone) => {
    clones.push(clone);
    return clone;
  };
}

export class GitClone {
  /** The entry of the command line. */
  readonly entry = CLI;
  /** The repository's root. */
  readonly root: string;
  readonly #home: string;
  readonly #environment: Record<string, string>;

  readonly #timeout: number;

  /**
   * @param name of the repository's folder
   * @param timeout of each process, in milliseconds
   */
  constructor(name = "project", timeout = TIMEOUT_MS) {
    this.#timeout = timeout;
    this.#home = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-git-")));
    this.root = join(this.#home, name);
    mkdirSync(this.root);
    this.#environment = {
      PATH: process.env["PATH"] ?? "",
      HOME: this.#home,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CEILING_DIRECTORIES: this.#home,
      GIT_EDITOR: "true",
    };
  }

  /** A repository with a committed file and the drivers. */
  static withFile(name?: string): GitClone {
    const clone = new GitClone(name);
    clone.init();
    clone.cli("bootstrap", "--registry", "https://registry.example.test");
    clone.cli("git-setup");
    clone.commit("Pin the configuration");
    return clone;
  }

  /** The path of the configuration file. */
  get file(): string {
    return join(this.root, "bunfig.lockb");
  }

  init(): void {
    this.git("init", "--quiet", "--initial-branch=main");
    this.git("config", "user.name", "Ann Example");
    this.git("config", "user.email", "ann@example.test");
  }

  /** Runs git, which must succeed; returns what it printed. */
  git(...args: string[]): string {
    const { exitCode, stdout, stderr } = this.tryGit(...args);
    if (exitCode !== 0) throw new Error(`git ${args.join(" ")} (${exitCode}): ${stdout}${stderr}`);
    return stdout;
  }

  tryGit(...args: string[]): Ran {
    return this.run(["git", ...args]);
  }

  /** Runs the command line, which must succeed; returns what it printed. */
  cli(...args: string[]): string {
    const { exitCode, stdout, stderr } = this.tryCli(args);
    if (exitCode !== 0) throw new Error(`${args.join(" ")} (${exitCode}): ${stdout}${stderr}`);
    return stdout;
  }

  tryCli(args: readonly string[], env: Record<string, string> = {}, cwd = this.root): Ran {
    return this.run([process.execPath, CLI, ...args], env, cwd);
  }

  /** Commits everything. */
  commit(message: string): void {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--message", message);
  }

  /** A commit on a branch of its own, made by a command on the file; then back to `main`. */
  branch(name: string, ...commands: readonly (readonly string[])[]): void {
    this.git("switch", "--quiet", "--create", name, "main");
    for (const command of commands) this.cli(...command);
    this.commit(name);
    this.git("switch", "--quiet", "main");
  }

  read(): File {
    return decodeFile(new Uint8Array(readFileSync(this.file)), () => undefined);
  }

  write(name: string, content: string | Uint8Array): string {
    const path = join(this.root, name);
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  run(command: readonly string[], env: Record<string, string> = {}, cwd = this.root): Ran {
    const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
      cwd,
      env: { ...this.#environment, ...env },
      stdin: "ignore",
      timeout: this.#timeout,
    });
    return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
  }
}
