/** Runs a program and keeps the end of what it prints. */

import type { Environment } from "../../base/environment.ts";
import { systemCode } from "../../base/fs_errors.ts";

export interface Outcome {
  readonly failed: boolean;
  /** The last of what was printed, both streams in the order in which it came. */
  readonly output: string;
}

export const PASSED: Outcome = { failed: false, output: "" };

/** Characters kept. */
const OUTPUT_SIZE_MAX = 8_192;

export interface CaptureOptions {
  readonly cwd: string;
  readonly env: Environment;
}

/** @param command the program and its arguments */
export async function captureCommand(
  command: readonly string[],
  { cwd, env }: CaptureOptions,
): Promise<Outcome> {
  let output = "";
  const keep = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output = (output + decoder.decode(chunk, { stream: true })).slice(-OUTPUT_SIZE_MAX);
    }
  };
  try {
    const child = Bun.spawn([...command], {
      cwd,
      env: { ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    await Promise.all([keep(child.stdout), keep(child.stderr), child.exited]);
    const { exitCode, signalCode } = child;
    if (exitCode === 0) return PASSED;
    const end = signalCode === null ? `exit code ${exitCode}` : `ended by ${signalCode}`;
    return { failed: true, output: `${output.trimEnd()}\n${end}`.trimStart() };
  } catch (error) {
    const reason = systemCode(error) ?? String(error);
    return { failed: true, output: `cannot run ${command[0] ?? ""}: ${reason}` };
  }
}
