/** What it costs to believe a signed record, to list packages, and to pass the gate of an install. */

import { createPublicKey, verify } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { encodeTrustFile } from "../../src/trust/trust_file.ts";
import { readConfigFile } from "../../src/trust/verified.ts";
import { publishPackage } from "../../tests/support/locked_project.ts";
import { seedSigner, signedBySeed } from "../../tests/support/signing.ts";
import { TestRegistry } from "../../tests/support/test_registry.ts";
import { type BenchOptions, type Bound, extraBound, ratioBound } from "../support/bound.ts";
import {
  installedCommand,
  installPackages,
  removePackages,
  runProcess,
} from "../support/installed.ts";
import { check, compare, timed } from "../support/measure.ts";

const READ_RATIO_MAX = 1.2;
const GATE_MS_MAX = 30;
const LOCK_MS_MAX = 50;
/** Reads in one measurement. */
const READS = 100;
const PACKAGES = 1_500;
/** The DER prefix that turns a raw Ed25519 key into SPKI (RFC 8410). */
const SPKI_PREFIX = "302a300506032b6570032100";

export async function trustBounds(options: BenchOptions): Promise<Bound[]> {
  const folder = installPackages();
  try {
    return [await readBound(folder, options), ...(await installBounds(folder, options))];
  } finally {
    removePackages(folder);
  }
}

async function readBound(folder: string, { quick }: BenchOptions): Promise<Bound> {
  const path = join(folder, "bunfig.lockb");
  const env = { HOME: join(folder, "home") };
  const seed = new Uint8Array(32).fill(7);
  const { publicKey } = seedSigner(seed);
  const unsigned = readConfigFile(path, env);
  const { project = "" } = unsigned.meta;
  const trust = {
    id: "0".repeat(32),
    project,
    folders: [folder],
    threshold: 1,
    keys: [{ publicKey, role: "record" as const }],
    revoked: [],
  };
  const own = join(env.HOME, ".config", "immuconfig");
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "trust.json"), encodeTrustFile([trust]), { mode: 0o600 });
  const file = await signedBySeed(unsigned, seed);
  writeFileSync(path, encodeFile(file));
  const der = Buffer.concat([Buffer.from(SPKI_PREFIX, "hex"), publicKey]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  // As long as what a record's key signs: the context, the header's part, a digest.
  const message = new Uint8Array(86);
  const signature = await seedSigner(seed).sign(message);
  const reads = quick ? 1 : READS;
  const result = await compare(quick ? 2 : 201, {
    subject: () =>
      timed(() => {
        for (let i = 0; i < reads; i++) readConfigFile(path, env);
      }) / reads,
    floor: () =>
      timed(() => {
        for (let i = 0; i < reads; i++) {
          readFileSync(path);
          check(verify(null, message, key, signature), "the bare check failed");
        }
      }) / reads,
  });
  // The project below has a record of its own, and no key.
  rmSync(path);
  return ratioBound("a read of a signed record / read and one check", result, READ_RATIO_MAX);
}

/** A project of many small packages, from a registry of its own that is asked once. */
async function installBounds(home: string, { quick }: BenchOptions): Promise<Bound[]> {
  // In a folder of its own: the gate finds packages that nobody locked.
  const folder = join(home, "project");
  mkdirSync(folder);
  const count = quick ? 3 : PACKAGES;
  await using registry = await TestRegistry.start();
  const names = Array.from({ length: count }, (_, i) => `package-${i}`);
  for (const name of names) publishPackage(registry, name, "1.0.0");
  const dependencies = Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "bench", dependencies }));
  writeFileSync(join(folder, "bunfig.toml"), `[install]\nregistry = "${registry.url}"\n`);
  const first = Bun.spawn([process.execPath, "install"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = await new Response(first.stderr).text();
  check((await first.exited) === 0, `the first install failed: ${said}`);
  const command = (...words: readonly string[]) =>
    runProcess([...installedCommand(home), ...words], folder);
  command("bootstrap", "--registry", registry.url, "--quiet");
  command("lock", "--quiet");
  const rounds = quick ? 1 : 21;
  const gate = await compare(rounds, {
    subject: () => command("install"),
    floor: () => runProcess([process.execPath, "install", "--frozen-lockfile"], folder),
  });
  const lock = await compare(rounds, {
    subject: () => command("lock", "--check"),
    floor: () => command("get", "version"),
  });
  return [
    extraBound("bun-config install of 1,500 / bun install --frozen-lockfile", gate, GATE_MS_MAX),
    extraBound("bun-config lock --check of 1,500 / get version", lock, LOCK_MS_MAX),
  ];
}
