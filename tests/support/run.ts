/** Child processes, bounded in time. */

export interface RunOptions {
  readonly cwd?: string;
  /** Replaces the environment, but for PATH. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  /** Default 20,000. */
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 + the signal's number, as a shell has it, for a killed process. */
  readonly exitCode: number;
}

const TIMEOUT_MS = 20_000;

/** The Bun that runs the tests. */
export const BUN: string = process.execPath;

/**
 * Runs a command to its end.
 *
 * @throws when it takes longer than `timeoutMs`; it is killed
 * @example const { stdout, exitCode } = await run([BUN, "app.ts"], { cwd: folder });
 */
export async function run(
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { cwd, env = {}, stdin, timeoutMs = TIMEOUT_MS } = options;
  const child = Bun.spawn([...command], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env["PATH"], ...env },
    stdin: stdin === undefined ? "ignore" : new Blob([stdin]),
    stdout: "pipe",
    stderr: "pipe",
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  const started = performance.now();
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const exitCode = await child.exited;
  if (child.signalCode === "SIGKILL" && performance.now() - started >= timeoutMs) {
    throw new Error(`${command.join(" ")} took longer than ${timeoutMs} ms\n${stdout}\n${stderr}`);
  }
  return { stdout, stderr, exitCode };
}
