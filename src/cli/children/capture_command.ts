/** Runs a program and keeps the end of what it prints. */

import { childEnd } from "../../base/child_end.ts";
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
  /** For who hands signals on to the program, from its start. */
  readonly started?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** @param command the program and its arguments */
export async function captureCommand(
  command: readonly string[],
  { cwd, env, started }: CaptureOptions,
): Promise<Outcome> {
  let output = "";
  try {
    const [program = "", ...words] = command;
    const { spawn } = process.getBuiltinModule("node:child_process");
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const child = spawn(program, words, { cwd, env: { ...env }, stdio });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-OUTPUT_SIZE_MAX);
      });
    }
    started?.((signal) => void child.kill(signal));
    const { exitCode, signalCode } = await childEnd(child);
    if (exitCode === 0) return PASSED;
    const end = signalCode === null ? `exit code ${exitCode}` : `ended by ${signalCode}`;
    return { failed: true, output: `${output.trimEnd()}\n${end}`.trimStart() };
  } catch (error) {
    const reason = systemCode(error) ?? String(error);
    return { failed: true, output: `cannot run ${command[0] ?? ""}: ${reason}` };
  }
}
