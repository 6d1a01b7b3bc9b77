/** Child processes of node:child_process. */

import type { ChildProcess } from "node:child_process";

/** How a child ended: by an exit code, or by a signal. */
export interface ChildEnd {
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
}

/**
 * Waits for a child, and for all that it wrote.
 *
 * @throws the system's error, where it could not be started
 */
export function childEnd(child: ChildProcess): Promise<ChildEnd> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode: number | null, signalCode: NodeJS.Signals | null) =>
      resolve({ exitCode, signalCode }),
    );
  });
}
