/** `bun-config relay` as a process. */

import { CLI } from "../support/cli.ts";
import { BUN } from "../support/run.ts";

export interface RunningRelay extends AsyncDisposable {
  readonly url: string;
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  /** Waits for the next event of a kind. */
  next(kind: string): Promise<{ readonly [member: string]: unknown }>;
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
  const reader = process.stdout.getReader();
  const events: { kind: string }[] = [];
  let text = "";
  return {
    url,
    process,
    async next(kind) {
      while (true) {
        const index = events.findIndex((event) => event.kind === kind);
        if (index !== -1) return events.splice(0, index + 1)[index] ?? {};
        const { value, done } = await reader.read();
        if (done) throw new Error(`the relay ended before it said ${kind}`);
        text += new TextDecoder().decode(value);
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        events.push(...lines.map((line) => JSON.parse(line) as { kind: string }));
      }
    },
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
