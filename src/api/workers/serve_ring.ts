/** A thread's side of the pool: takes tasks from its ring until it is told to stop. */

import { RingReader, type Task } from "./ring.ts";
import { ImmuconfigError } from "../../base/errors.ts";
import { TASK, type TaskFailure, type TaskReply } from "./messages.ts";

declare const self: Worker;

/** Milliseconds between two looks whether there is a task, should a call to wake be lost. */
const WAIT_MS = 1000;

/** Does a task, and says what it came to where it came to something; or throws why it cannot. */
type Handle = (task: Task) => string | void | Promise<string>;

export function serveRing(handle: Handle): void {
  self.addEventListener("message", ({ data }: MessageEvent<SharedArrayBuffer>) => {
    void serve(new RingReader(data), handle);
  });
}

async function serve(ring: RingReader, handle: Handle): Promise<void> {
  while (true) {
    const task = ring.take(WAIT_MS);
    if (task === undefined) continue;
    if (task.kind === TASK.stop) break;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    self.postMessage(await reply(task, handle));
  }
  process.exit();
}

async function reply(task: Task, handle: Handle): Promise<TaskReply> {
  const { id } = task;
  try {
    const answer = await handle(task);
    return answer === undefined ? { id } : { id, answer };
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

function failureOf(error: unknown): TaskFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message } = error;
  if (!(error instanceof ImmuconfigError)) return { message };
  const { code, hint = "" } = error;
  return { message, own: { code, hint } };
}
