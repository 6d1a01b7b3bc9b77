/** A temporary folder with a program in it, a registry, and an upgrade of one by the other. */

import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UpgradeTask } from "../../src/upgrade/engine.ts";
import type { UpgradeEvent } from "../../src/upgrade/events.ts";
import { bunProduct } from "../../src/upgrade/product.ts";
import { registryClient } from "../../src/registry/client.ts";
import { loadTrustRoots } from "../../src/trust/trust_roots.ts";
import { packRelease } from "./tarball.ts";
import { TestRegistry } from "./test_registry.ts";

export const product = bunProduct({ platform: "linux", arch: "x64", musl: false });

/** A real program for every Unix that reports a version as Bun does. */
export function fakeBun(version: string): string {
  return `#!/bin/sh
case "$1" in
  --version) echo ${version} ;;
  --revision) echo ${version}+0123456789 ;;
  *) exit 1 ;;
esac
`;
}

/** A packed release of that program. */
export function fakeRelease(version: string): Uint8Array {
  return packRelease(product.member, fakeBun(version));
}

export class UpgradeFixture implements AsyncDisposable {
  readonly registry: TestRegistry;
  /** Everything is in here. */
  readonly root: string;
  /** The folder that holds the program, and nothing else at first. */
  readonly folder: string;
  readonly target: string;
  readonly events: UpgradeEvent[] = [];

  private constructor(registry: TestRegistry) {
    this.registry = registry;
    this.root = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-upgrade-")));
    this.folder = join(this.root, "bin");
    mkdirSync(this.folder);
    this.target = join(this.folder, "bun");
  }

  static async start(): Promise<UpgradeFixture> {
    return new UpgradeFixture(await TestRegistry.start());
  }

  get logPath(): string {
    return join(this.root, "state", "downgrades.jsonl");
  }

  /** Puts a program of that version in place. */
  install(version: string): void {
    writeFileSync(this.target, fakeBun(version));
    chmodSync(this.target, 0o755);
  }

  /** Publishes a good release. */
  publish(version: string): void {
    this.registry.publish(product.platformPackage, { version, tarball: fakeRelease(version) });
  }

  /** An upgrade of the program from the registry, whose key is known. */
  async task(overrides: Partial<UpgradeTask> = {}): Promise<UpgradeTask> {
    const { url } = this.registry;
    return {
      product,
      policy: { configVersion: 1, registry: url, unsignedRegistries: [] },
      trust: await loadTrustRoots(url, { registryKeys: this.registry.writeKeys(this.root) }),
      client: registryClient(url, undefined),
      target: this.target,
      requested: undefined,
      allowDowngrade: false,
      logPath: this.logPath,
      now: () => new Date("2026-11-20T00:00:00Z"),
      onEvent: (event) => {
        this.events.push(event);
      },
      ...overrides,
    };
  }

  /** The names in the program's folder. */
  names(): string[] {
    return readdirSync(this.folder).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
    rmSync(this.root, { recursive: true, force: true });
  }
}
