/** The embedded store: one SQLite file, written by one worker. */

import { ImmuconfigError } from "../../base/errors.ts";
import { threadFile } from "../../base/thread_file.ts";
import type { AuditRow } from "../domain/audit_chain.ts";
import type { SqliteAnswer, SqliteReply, SqliteRequest } from "./sqlite_worker.ts";
import type { Commit, KeptClaim, Store } from "./store.ts";

interface Waiting {
  readonly resolve: (answer: SqliteAnswer) => void;
  readonly reject: (error: ImmuconfigError) => void;
}

/**
 * Opens the database, and creates it where there is none.
 *
 * @param path of the file; its folder must be there
 * @throws ImmuconfigError `ERR_BUSY` when another server has it open, `ERR_WRITE`
 */
export async function openSqliteStore(path: string): Promise<Store> {
  const store = new SqliteStore(path);
  await store.open();
  return store;
}

class SqliteStore implements Store {
  readonly #path: string;
  readonly #worker = new Worker(threadFile("api/db/sqlite_worker"));
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Why nobody answers any more. */
  #end: string | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#worker.addEventListener("message", ({ data }: MessageEvent<SqliteReply>) => {
      this.#settle(data);
    });
    this.#worker.addEventListener("error", ({ message }) => this.#fail(message));
    this.#worker.addEventListener("close", () => this.#fail("the database's thread has ended"));
  }

  async open(): Promise<void> {
    try {
      await this.#ask({ kind: "open", path: this.#path });
    } catch (error) {
      this.#worker.terminate();
      throw error;
    }
  }

  async rows(after: number, limit: number): Promise<readonly AuditRow[]> {
    return (await this.#ask({ kind: "rows", after, limit })) as readonly AuditRow[];
  }

  async append(commit: Commit): Promise<void> {
    await this.#ask({ kind: "append", commit });
  }

  async blob(digest: string): Promise<Uint8Array | undefined> {
    return (await this.#ask({ kind: "blob", digest })) as Uint8Array | undefined;
  }

  async claims(names: readonly string[]): Promise<readonly KeptClaim[]> {
    return (await this.#ask({ kind: "claims", names })) as readonly KeptClaim[];
  }

  async keepAnswer(name: string, answer: string): Promise<void> {
    await this.#ask({ kind: "answer", name, answer });
  }

  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    await this.#ask({ kind: "close" });
    this.#end = "it is closed";
    this.#worker.terminate();
  }

  #ask(request: SqliteRequest): Promise<SqliteAnswer> {
    if (this.#end !== undefined) return Promise.reject(this.#error("ERR_WRITE", this.#end));
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<SqliteAnswer>();
    this.#waiting.set(id, { resolve, reject });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    this.#worker.postMessage({ ...request, id });
    return promise;
  }

  #settle({ id, answer, failure }: SqliteReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure === undefined) waiting?.resolve(answer);
    else waiting?.reject(this.#error(failure.code, failure.message));
  }

  #fail(message: string): void {
    this.#end ??= message;
    const error = this.#error("ERR_WRITE", message);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #error(code: NonNullable<SqliteReply["failure"]>["code"], message: string): ImmuconfigError {
    const hints = {
      ERR_BUSY: "Another server has it open. Stop that one, or give this one its own --data.",
      ERR_CONFLICT: "Read the newest state and try again.",
      ERR_WRITE: "Look at the disk: space, permissions, mount. Nothing was changed.",
    };
    return new ImmuconfigError(code, `${this.#path}: ${message}`, { hint: hints[code] });
  }
}
