/** Runs a program to ask it for its version. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import { childEnd } from "../base/child_end.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { PROBE_OUTPUT_MAX, PROBE_WAIT_MS } from "../base/limits.ts";
import { quote } from "../base/text.ts";
import type { Product } from "./product.ts";

type Started = ChildProcessByStdio<null, Readable, null>;
type ByteReader = ReadableStreamDefaultReader<Uint8Array>;

/**
 * Runs a program with one argument and returns what it printed, trimmed. It runs away from the
 * project (folder `/`, an almost empty environment), in a process group of its own, which is ended
 * with everything in it when the time is up.
 *
 * @param waitMs how long it may run, in milliseconds
 * @throws ImmuconfigError `ERR_PROGRAM` when it cannot be started, fails, hangs or prints too much
 */
export async function runProgram(
  path: string,
  argument: string,
  waitMs = PROBE_WAIT_MS,
): Promise<string> {
  const child = await start(path, argument);
  const ended = childEnd(child);
  const reader = Readable.toWeb(child.stdout).getReader() as ByteReader;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
    endGroup(child);
    // A process that left the group may keep the pipe open.
    void reader.cancel();
  }, waitMs);
  try {
    const output = await readBounded(reader, path, argument);
    const { exitCode: code } = await ended;
    if (late) throw programError(path, argument, `did not end within ${waitMs / 1000} s`);
    if (code !== 0) throw programError(path, argument, `failed with status ${code}`);
    return output.trim();
  } finally {
    clearTimeout(timer);
    endGroup(child);
    void reader.cancel();
  }
}

/**
 * Asks a program for its version, in every way that its product knows.
 *
 * @throws ImmuconfigError `ERR_PROGRAM` when it does not run, or reports another version
 * @returns what it said first, such as `1.4.5+a7733435c`
 */
export async function requireVersionOf(
  path: string,
  product: Product,
  version: string,
  waitMs = PROBE_WAIT_MS,
): Promise<string> {
  const outputs: string[] = [];
  for (const probe of product.probes) {
    const output = await runProgram(path, probe.argument, waitMs);
    if (!probe.accepts(output, version)) {
      throw programError(
        path,
        probe.argument,
        `reports another version: expected ${version}, found ${quote(output)}`,
      );
    }
    outputs.push(output);
  }
  return outputs[0] ?? version;
}

async function start(path: string, argument: string): Promise<Started> {
  try {
    // Bun throws some errors here, and tells others as Node does.
    const child = spawn(path, [argument], {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "ignore"],
      detached: true,
    });
    await once(child, "spawn");
    return child;
  } catch (cause) {
    throw programError(path, argument, "does not run", cause);
  }
}

async function readBounded(reader: ByteReader, path: string, argument: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) return Buffer.concat(chunks).toString("utf8");
    chunks.push(value);
    size += value.length;
    if (size > PROBE_OUTPUT_MAX) {
      throw programError(path, argument, `prints more than ${PROBE_OUTPUT_MAX} bytes`);
    }
  }
}

/** Ends the process group of a child that was started detached, if any of it is left. */
function endGroup({ pid }: Started): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}

function programError(
  path: string,
  argument: string,
  what: string,
  cause?: unknown,
): ImmuconfigError {
  return new ImmuconfigError("ERR_PROGRAM", `${path} ${argument} ${what}`, { cause });
}
