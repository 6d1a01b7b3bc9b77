/** A real ssh-agent of a test's own. */

import { join } from "node:path";
import { run } from "./run.ts";

export interface SshAgent {
  /** Where it listens: `SSH_AUTH_SOCK`. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes a key without a passphrase and hands it to the agent. */
  addKey(type: "ed25519" | "ecdsa", comment: string): Promise<void>;
  stop(): void;
}

/** Starts an agent that listens in a folder; in the foreground, so that it ends with its process. */
export async function startSshAgent(folder: string): Promise<SshAgent> {
  const socket = join(folder, "agent");
  const agent = Bun.spawn(["ssh-agent", "-D", "-a", socket], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  const env = { SSH_AUTH_SOCK: socket, HOME: folder };
  for (let tries = 0; (await run(["ssh-add", "-l"], { env })).exitCode === 2; tries++) {
    if (tries === 200) throw new Error("ssh-agent does not start");
    await Bun.sleep(20);
  }
  return {
    env,
    async addKey(type, comment) {
      const path = join(folder, `id_${type}_${comment}`);
      const made = await run(["ssh-keygen", "-q", "-t", type, "-N", "", "-C", comment, "-f", path]);
      const added = await run(["ssh-add", "-q", path], { env });
      if (made.exitCode !== 0 || added.exitCode !== 0) throw new Error(made.stderr + added.stderr);
    },
    stop: () => agent.kill(),
  };
}
