/** Signs many sets of overrides in threads: at a broker's return, every environment has one to be signed. */

import { ImmuconfigError } from "../../base/errors.ts";
import { hexBytes } from "../../format/bytes.ts";
import { type OverrideSet, signOverrideSet } from "../../trust/override_set.ts";
import { readSigner } from "../auth/online_key.ts";
import { TASK } from "./messages.ts";
import type { WorkerPool } from "./pool.ts";

/** Sets in one task, and characters of them: what a ring takes twice, in UTF-8. */
const TASK_COUNT_MAX = 256;
const TASK_LENGTH_MAX = 2 ** 18;

interface SigningTask {
  /** Of the key's file: the key itself stays out of the ring. */
  readonly path: string;
  /** That it must have, in hex. */
  readonly publicKey: string;
  readonly sets: readonly OverrideSet[];
}

export class BulkSignatures {
  readonly #pool: WorkerPool;
  readonly #path: string;
  readonly #publicKey: string;

  /**
   * @param path of the file that holds the key
   * @param publicKey that it must have, raw
   */
  constructor(pool: WorkerPool, path: string, publicKey: Uint8Array) {
    this.#pool = pool;
    this.#path = path;
    this.#publicKey = hexBytes(publicKey);
  }

  /**
   * @returns the signed sets, in their order
   * @throws ImmuconfigError `ERR_BUSY` when too many tasks wait; `ERR_KEY` when the file holds another key
   */
  async sign(sets: readonly OverrideSet[]): Promise<readonly string[]> {
    const answers = await Promise.all(
      portionsOf(sets).map((portion) => this.#pool.run(TASK.sign, this.#taskOf(portion))),
    );
    return answers.flatMap((answer) => JSON.parse(answer) as string[]);
  }

  #taskOf(sets: readonly OverrideSet[]): Uint8Array {
    const task: SigningTask = { path: this.#path, publicKey: this.#publicKey, sets };
    return new TextEncoder().encode(JSON.stringify(task));
  }
}

function portionsOf(sets: readonly OverrideSet[]): OverrideSet[][] {
  const portions: OverrideSet[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const set of sets) {
    const own = JSON.stringify(set).length;
    const last = portions.at(-1);
    if (last === undefined || last.length >= TASK_COUNT_MAX || length + own > TASK_LENGTH_MAX) {
      portions.push([set]);
      length = own;
    } else {
      last.push(set);
      length += own;
    }
  }
  return portions;
}

/** A thread's part. @throws ImmuconfigError `ERR_KEY`, `ERR_READ` */
export async function signPortion(payload: Uint8Array): Promise<string> {
  const task = JSON.parse(new TextDecoder().decode(payload)) as SigningTask;
  const { path, publicKey, sets } = task;
  const signer = readSigner(path);
  if (hexBytes(signer.publicKey) !== publicKey) {
    throw new ImmuconfigError("ERR_KEY", `${path} holds another key than at the start`, {
      hint: "Put the server's own back, or start it again.",
    });
  }
  return JSON.stringify(await Promise.all(sets.map((set) => signOverrideSet(set, signer))));
}
