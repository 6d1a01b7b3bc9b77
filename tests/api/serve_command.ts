/** `bun-config serve` as a process. */

import { BUN } from "../support/run.ts";
import { CLI } from "../support/repository.ts";

export interface Serving extends AsyncDisposable {
  readonly url: string;
  /** The first one; empty where none was printed. */
  readonly token: string;
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
}

/** @param args after `serve --port 0`; with `--data` no first token is waited for */
export async function serveCommand(cwd: string, args: readonly string[] = []): Promise<Serving> {
  const process = Bun.spawn([BUN, CLI, "serve", "--port", "0", ...args], {
    cwd,
    env: { PATH: Bun.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of process.stderr) {
    text += decoder.decode(chunk);
    const url = /at (http:\S+)\n/.exec(text)?.[1];
    const token = /(imm_\S+)\n/.exec(text)?.[1];
    if (url !== undefined && (token !== undefined || args.includes("--data"))) {
      const stop = async (): Promise<void> => {
        process.kill("SIGTERM");
        await process.exited;
      };
      return { url, token: token ?? "", process, [Symbol.asyncDispose]: stop };
    }
  }
  throw new Error(`the server ended: ${text}`);
}
