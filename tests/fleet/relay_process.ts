/** `bun-config relay` as a process. */

import { eventsOf, type RunningAgent } from "../agent/host.ts";
import { CLI } from "../support/repository.ts";
import { BUN } from "../support/run.ts";

export interface RunningRelay extends AsyncDisposable {
  readonly url: string;
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly next: RunningAgent["next"];
}

/** @param args after what every relay of the tests needs */
export async function startRelay(
  folder: string,
  upstream: string,
  key: string,
  args: readonly string[] = [],
  token = "imm_x",
): Promise<RunningRelay> {
  const words = ["relay", "--json", "--port", "0", "--online-key", key, "--data", folder, ...args];
  const process = Bun.spawn([BUN, CLI, ...words], {
    cwd: folder,
    env: {
      PATH: Bun.env["PATH"],
      HOME: folder,
      IMMUCONFIG_SERVER: upstream,
      IMMUCONFIG_TOKEN: token,
      IMMUCONFIG_PROJECT: "shop",
      IMMUCONFIG_ENVIRONMENT: "live",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const url = await addressOf(process.stderr);
  return {
    url,
    process,
    next: eventsOf(process.stdout),
    async [Symbol.asyncDispose]() {
      process.kill("SIGKILL");
      await process.exited;
    },
  };
}

async function addressOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk);
    const url = /is at (https?:\S+)\n/.exec(text)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the relay ended: ${text}`);
}
