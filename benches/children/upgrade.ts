// One measured part of benches/upgrade_bench.ts, in a process of its own. Prints JSON.
import { closeSync, createReadStream, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type UpgradeTask, upgradeProgram } from "../../src/upgrade/engine.ts";
import { runProgram } from "../../src/upgrade/probe.ts";
import { bunProduct, currentHost } from "../../src/upgrade/product.ts";
import { registryClient } from "../../src/registry/client.ts";
import { loadTrustRoots } from "../../src/trust/trust_roots.ts";

const [part, first = "", second = "", third = ""] = process.argv.slice(2);
const start = performance.now();
if (part === "upgrade") await upgrade(first, second, third);
else if (part === "download") await download(first, second);
else if (part === "unpack") await unpack(first, second);
else if (part === "runs") await runs(first);
const milliseconds = performance.now() - start;
console.log(JSON.stringify({ milliseconds, peak: peakMemory() }));

/** Bytes at the highest. `maxRSS` would do, but on Linux it starts with the parent's. */
function peakMemory(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(peak?.[1]) * 1024;
}

async function upgrade(url: string, registryKeys: string, target: string): Promise<void> {
  const task: UpgradeTask = {
    product: bunProduct(currentHost()),
    policy: { configVersion: 1, registry: url, unsignedRegistries: [] },
    trust: await loadTrustRoots(url, { registryKeys }),
    client: registryClient(url, undefined),
    target,
    requested: undefined,
    allowDowngrade: false,
    logPath: `${target}.log`,
    now: () => new Date(),
    onEvent: () => {},
  };
  const { change } = await upgradeProgram(task);
  if (change !== "upgrade") throw new Error(`it was to be upgraded, but: ${change}`);
}

/** The floor of a download: the bytes go to a file, and nobody looks at them. */
async function download(url: string, path: string): Promise<void> {
  const fd = openSync(path, "w");
  const response = await fetch(url);
  for await (const chunk of response.body ?? []) writeSync(fd, chunk);
  closeSync(fd);
}

/** The floor of unpacking: all the bytes of the archive go to a file, durably. */
async function unpack(tarball: string, path: string): Promise<void> {
  const fd = openSync(path, "w");
  const sink = new Writable({
    write(chunk: Uint8Array, _encoding, next) {
      writeSync(fd, chunk);
      next();
    },
  });
  const chunkSize = 256 * 1024;
  await pipeline(
    createReadStream(tarball, { highWaterMark: chunkSize }),
    createGunzip({ chunkSize }),
    sink,
  );
  fsyncSync(fd);
  closeSync(fd);
}

/** As often as an upgrade runs programs: the old one once, the new one twice before and after. */
async function runs(program: string): Promise<void> {
  await runProgram(program, "--version");
  for (const argument of ["--revision", "--version", "--revision", "--version"]) {
    await runProgram(program, argument);
  }
}
