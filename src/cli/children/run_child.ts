/** Runs a program in the user's place: its streams, its signals, its exit code. */

import type { Environment } from "../../base/environment.ts";
import { ImmuconfigError, messageOf } from "../../base/errors.ts";
import { childEnd } from "../../base/child_end.ts";
import { systemCode } from "../../base/fs_errors.ts";
import { quote } from "../../base/text.ts";
import { type Ended, exitCodeOf } from "../terminal/exit_code.ts";
import type { Output } from "../output/output.ts";
import { forwardSignals } from "../terminal/forward_signals.ts";

/** What shells return for a command that is not there, and for one that cannot be run. */
const COMMAND_NOT_FOUND = 127;
const COMMAND_NOT_RUN = 126;

export interface ChildOptions {
  readonly cwd: string;
  readonly env: Environment;
  readonly out: Output;
}

/**
 * @param command the program and its arguments
 * @returns the child's exit code; 128 and the signal's number when one ended it; 127 when there is
 * no such program, 126 when it cannot be run
 */
export async function runChild(
  command: readonly string[],
  { cwd, env, out }: ChildOptions,
): Promise<number> {
  const signals = forwardSignals(["SIGINT", "SIGTERM", "SIGHUP"]);
  try {
    const { kill, end } = startChild(command, cwd, env);
    signals.to((signal) => {
      // A terminal sends Ctrl-C to the child as well, which must not get it twice.
      if (signal !== "SIGINT" || !isTerminal(0)) kill(signal);
    });
    return exitCodeOf(await end);
  } catch (cause) {
    return reportUnrunnable(command[0] ?? "", cause, out);
  } finally {
    signals.stop();
  }
}

interface Child {
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly end: Promise<Ended>;
}

/** By Bun's own means where there is Bun: node:child_process takes longer to load than Bun to start. */
function startChild(command: readonly string[], cwd: string, env: Environment): Child {
  const stdio = "inherit";
  if (typeof Bun === "undefined") {
    const [program = "", ...words] = command;
    const { spawn } = process.getBuiltinModule("node:child_process");
    const child = spawn(program, words, { cwd, env: { ...env }, stdio });
    return { kill: (signal) => child.kill(signal), end: childEnd(child) };
  }
  const child = Bun.spawn([...command], { cwd, env: { ...env }, stdio: [stdio, stdio, stdio] });
  const end = child.exited.then(() => {
    const { exitCode, signalCode } = child;
    return { exitCode, signalCode };
  });
  return { kill: (signal) => child.kill(signal), end };
}

/** Loads node:tty, which takes longer than to start most programs, when a signal came. */
function isTerminal(descriptor: number): boolean {
  return process.getBuiltinModule("node:tty").isatty(descriptor);
}

/**
 * Says why a program did not start.
 *
 * @param cause what starting it threw
 * @returns the exit code that shells give
 */
export async function reportUnrunnable(
  program: string,
  cause: unknown,
  out: Output,
): Promise<number> {
  const { printError } = await import("../output/report_error.ts");
  const code = systemCode(cause);
  if (code === "ENOENT") {
    printError(
      new ImmuconfigError("ERR_NOT_FOUND", `there is no program ${quote(program)}`, {
        hint: "Check its name and PATH; programs of packages run through `bun x NAME`.",
      }),
      out,
    );
    return COMMAND_NOT_FOUND;
  }
  const reason = code ?? messageOf(cause);
  printError(
    new ImmuconfigError("ERR_SUBPROCESS", `cannot run ${quote(program)}: ${reason}`, {
      hint: "Check that it is an executable file.",
    }),
    out,
  );
  return COMMAND_NOT_RUN;
}
