/** A small ext4 file system in a file: real disk faults without harm. Root only. */

import { dlopen } from "bun:ffi";
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.ts";
import { newTemporaryFolder } from "./temp.ts";
import { isRoot } from "./tools.ts";

const MIB = 2 ** 20;

const FS_IOC_SHUTDOWN = 0x8004587d;
/** Drops what is in memory, the journal too. */
const SHUTDOWN_NO_LOG_FLUSH = 2;

/** @example await using disk = await LoopDisk.create(8); */
export class LoopDisk implements AsyncDisposable {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #parent: string;
  readonly #image: string;
  #mounted = false;

  private constructor(parent: string) {
    this.#parent = parent;
    this.folder = join(parent, "disk");
    this.#image = join(parent, "image");
  }

  /** @param size MiB; a journal needs 8 */
  static async create(size: number): Promise<LoopDisk> {
    const disk = new LoopDisk(newTemporaryFolder());
    try {
      mkdirSync(disk.folder);
      writeFileSync(disk.#image, "");
      truncateSync(disk.#image, size * MIB);
      await must(["mkfs.ext4", "-q", "-F", disk.#image]);
      await disk.#mount();
      return disk;
    } catch (error) {
      await disk[Symbol.asyncDispose]();
      throw error;
    }
  }

  async makeReadOnly(): Promise<void> {
    await must(["mount", "-o", "remount,ro", this.folder]);
  }

  /** Loses everything that is not on the disk yet, and mounts the disk again. */
  async cutPower(): Promise<void> {
    const libc = dlopen("libc.so.6", { ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" } });
    const descriptor = openSync(this.folder, "r");
    const flags = Uint32Array.of(SHUTDOWN_NO_LOG_FLUSH);
    const result = libc.symbols.ioctl(descriptor, FS_IOC_SHUTDOWN, flags);
    closeSync(descriptor);
    libc.close();
    if (result !== 0) throw new Error("the file system cannot be shut down");
    await this.#unmount();
    await this.#mount();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#mounted) await this.#unmount();
    rmSync(this.#parent, { recursive: true });
  }

  async #mount(): Promise<void> {
    await must(["mount", "-o", "loop", this.#image, this.folder]);
    this.#mounted = true;
  }

  async #unmount(): Promise<void> {
    await must(["umount", this.folder]);
    this.#mounted = false;
  }
}

async function must(command: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await run(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}

/** Whether disks can be mounted here: containers often forbid it to root, too. */
export const hasLoopDisks: boolean = isRoot && (await canMount());

async function canMount(): Promise<boolean> {
  try {
    await using disk = await LoopDisk.create(1);
    return disk.folder !== "";
  } catch {
    return false;
  }
}
