/** Who may ask a relay: tokens whose digests stand in a file, a line each, which may change while it runs. */

import { sha256 } from "../../base/digest.ts";
import { statSync } from "node:fs";
import { ImmuconfigError } from "../../base/errors.ts";
import { cannotRead } from "../../base/fs_errors.ts";
import { TOKEN_LIST_SIZE_MAX } from "../../base/limits.ts";
import { readNamed } from "../../base/read_file.ts";

/** Milliseconds between two looks at the file. */
const LOOK_MS = 1000;
const LINE = /^([0-9a-f]{64})(\s.*)?$/;
const COUNT_MAX = 100_000;

export interface TokenFileEvents {
  /** A token is gone: gets the name of who had it. */
  readonly ended: (owner: string) => void;
  /** The file cannot be read any more: what it said before holds. Told once for each reason. */
  readonly failed: (error: unknown) => void;
  /** It can be read again. Gets how many tokens it has now. */
  readonly recovered: (count: number) => void;
}

export class HostTokens {
  readonly #path: string;
  readonly #events: TokenFileEvents;
  readonly #timer: ReturnType<typeof setInterval>;
  #digests: ReadonlySet<string>;
  #seen: string;
  /** Why it cannot be read now, in words. */
  #fault: string | undefined;

  /** @throws ImmuconfigError `ERR_READ`, `ERR_FORMAT` */
  constructor(path: string, events: TokenFileEvents) {
    this.#path = path;
    this.#events = events;
    this.#seen = stamp(path);
    this.#digests = readDigests(path);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Who has a secret; nothing where nobody has. */
  ownerOf(secret: string): string | undefined {
    const digest = sha256(secret);
    return this.#digests.has(digest) ? ownerName(digest) : undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    try {
      const now = stamp(this.#path);
      // One that could not be read is tried again, changed or not.
      if (now !== this.#seen) {
        this.#replace(readDigests(this.#path));
        this.#seen = now;
      }
    } catch (error) {
      const words = String(error);
      if (words !== this.#fault) this.#events.failed(error);
      this.#fault = words;
      return;
    }
    if (this.#fault === undefined) return;
    this.#fault = undefined;
    this.#events.recovered(this.#digests.size);
  }

  #replace(digests: ReadonlySet<string>): void {
    const before = this.#digests;
    this.#digests = digests;
    for (const digest of before) {
      if (!digests.has(digest)) this.#events.ended(ownerName(digest));
    }
  }
}

function ownerName(digest: string): string {
  return `token:${digest.slice(0, 16)}`;
}

/** Another one when the file may be another. */
function stamp(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function readDigests(path: string): ReadonlySet<string> {
  const digests = new Set<string>();
  for (const [index, line] of readNamed(path, TOKEN_LIST_SIZE_MAX).split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const digest = LINE.exec(line)?.[1];
    if (digest === undefined || digests.size >= COUNT_MAX) {
      throw new ImmuconfigError("ERR_FORMAT", `${path}:${index + 1} is no digest of a token`, {
        hint: "A line is the SHA-256 of a token in 64 hex digits, and perhaps a name behind it: printf %s TOKEN | sha256sum",
      });
    }
    digests.add(digest);
  }
  return digests;
}
