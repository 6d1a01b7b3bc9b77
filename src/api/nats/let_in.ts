/** Whether the brokers let the control plane in, asked before it says that it runs. */

import { sleep } from "../../base/sleep.ts";
import { connectNats, isAway } from "../../fleet/nats_connection.ts";
import type { NatsSettings } from "../../fleet/nats_settings.ts";

/** Milliseconds that a start waits for an answer: a broker that gives none is away. */
const ANSWER_MS = 2000;
const NAME = "immuconfig control plane, at its start";

/**
 * Brokers that are away are no fault: whoever publishes goes on trying.
 *
 * @throws ImmuconfigError `ERR_NETWORK` where they refuse the credentials, `ERR_READ` where the file of those, or
 * of certificates, cannot be used
 */
export async function requireLetIn(settings: NatsSettings): Promise<void> {
  const waiting = new AbortController();
  try {
    await Promise.race([comeIn(settings, waiting.signal), sleep(ANSWER_MS, waiting.signal)]);
  } finally {
    waiting.abort();
  }
}

async function comeIn(settings: NatsSettings, signal: AbortSignal): Promise<void> {
  try {
    const { connection } = await connectNats(settings, NAME, signal);
    await connection.close();
  } catch (error) {
    if (!isAway(error)) throw error;
  }
}
