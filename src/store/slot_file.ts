/**
 * A text that is renewed often, and is to be durable each time: a file of two slots, of which the older is
 * written over, in place. A crash at any instant leaves the other one whole. That is one sync of bytes; to
 * replace a file takes two, which wait for the file system's journal and all that others have in it.
 *
 * A slot is a line, then the text. The line has the SHA-256 of all that follows it, how often the file was
 * written, and how many bytes the text has.
 */

import { closeSync, fdatasyncSync, openSync } from "node:fs";
import { sha256 } from "../base/digest.ts";
import { ImmuconfigError } from "../base/errors.ts";
import { cannotWrite, systemCode } from "../base/fs_errors.ts";
import { readWholeIfThere } from "../base/read_file.ts";
import { createFile } from "./durable_write.ts";
import { writeAll } from "./write_all.ts";

/** No page of memory and no block of a disk has bytes of both slots. */
const SLOT_ALIGNMENT = 4096;
const LINE = /^([0-9a-f]{64}) (([1-9]\d{0,14}) (\d{1,9})\n)/;
const LINE_SIZE_MAX = 64 + 1 + 15 + 1 + 9 + 1;
const OWN = { mode: 0o600 };

interface Slot {
  /** How often the file had been written with this. */
  readonly count: number;
  readonly text: string;
}

/** What stands in the two slots; nothing in one that is not whole. */
type Slots = readonly [Slot | undefined, Slot | undefined];

const NONE: Slots = [undefined, undefined];

export class SlotFile {
  readonly #path: string;
  readonly #slotSize: number;
  readonly #textSizeMax: number;
  /** The slot whose write failed last: it may read as the newest, and never reach the disk. */
  #failed: 0 | 1 | undefined;

  /**
   * @param path in an existing folder; the file is for its owner alone
   * @param textSizeMax bytes that a text may have
   */
  constructor(path: string, textSizeMax: number) {
    this.#path = path;
    this.#textSizeMax = textSizeMax;
    this.#slotSize = Math.ceil((LINE_SIZE_MAX + textSizeMax) / SLOT_ALIGNMENT) * SLOT_ALIGNMENT;
  }

  /**
   * The text that was written last, durable also where its writer was killed before it was; nothing where none
   * was written. A disk that is read-only makes nothing durable, and what it has is read.
   *
   * @throws ImmuconfigError `ERR_FORMAT` where neither slot is whole, which no crash leaves; `ERR_READ`, `ERR_WRITE`
   */
  read(): string | undefined {
    const slots = this.#slots();
    if (slots === undefined) return undefined;
    const newest = slots[newestOf(slots)];
    if (newest === undefined) {
      throw new ImmuconfigError("ERR_FORMAT", `${this.#path}: neither of its slots is whole`, {
        hint: "No crash leaves that: check the disk. The next write makes one of them whole.",
      });
    }
    try {
      this.#change(() => undefined);
    } catch (error) {
      if (!(error instanceof ImmuconfigError) || systemCode(error.cause) !== "EROFS") throw error;
    }
    return newest.text;
  }

  /**
   * Makes a text the newest, durably. Of several writers at the same time one wins.
   *
   * @throws ImmuconfigError `ERR_VALUE` for a text that is too long; `ERR_READ`, `ERR_WRITE`: what was written
   * last is then whole
   */
  write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > this.#textSizeMax) {
      const message = `${bytes.length} bytes cannot be kept in ${this.#path}`;
      throw new ImmuconfigError("ERR_VALUE", message, {
        hint: `At most ${this.#textSizeMax} can.`,
      });
    }
    const slots = this.#slots() ?? NONE;
    const newest = newestOf(slots);
    const rest = `${(slots[newest]?.count ?? 0) + 1} ${bytes.length}\n`;
    const slot = Buffer.concat([Buffer.from(`${sha256(rest, bytes)} ${rest}`), bytes]);
    const index = this.#failed ?? (newest === 0 ? 1 : 0);
    if (slots === NONE) return this.#create(slot);
    this.#failed = index;
    this.#change((descriptor) => writeAll(descriptor, slot, index * this.#slotSize));
    this.#failed = undefined;
  }

  /** As large as it will ever be: what is written over later finds no full disk. */
  #create(slot: Uint8Array): void {
    const file = new Uint8Array(2 * this.#slotSize);
    file.set(slot);
    createFile(this.#path, file, OWN);
  }

  #change(change: (descriptor: number) => void): void {
    try {
      const descriptor = openSync(this.#path, "r+");
      try {
        change(descriptor);
        fdatasyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    } catch (cause) {
      throw cannotWrite(this.#path, cause);
    }
  }

  #slots(): Slots | undefined {
    const size = 2 * this.#slotSize;
    const bytes = readWholeIfThere(this.#path, size);
    if (bytes === undefined) return undefined;
    return [readSlot(bytes.subarray(0, this.#slotSize)), readSlot(bytes.subarray(this.#slotSize))];
  }
}

/** The index of the slot to be believed; of two broken ones the second. */
function newestOf([first, second]: Slots): 0 | 1 {
  return (first?.count ?? 0) > (second?.count ?? 0) ? 0 : 1;
}

function readSlot(bytes: Uint8Array): Slot | undefined {
  const start = Buffer.from(bytes.subarray(0, LINE_SIZE_MAX)).toString("latin1");
  const [line = "", digest, rest = "", count, size] = LINE.exec(start) ?? [];
  const text = bytes.subarray(line.length, line.length + Number(size));
  if (line === "" || sha256(rest, text) !== digest) return undefined;
  return { count: Number(count), text: new TextDecoder().decode(text) };
}
