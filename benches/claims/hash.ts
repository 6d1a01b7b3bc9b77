/** 15 ns for the registry's hash. */

import { canonicalRegistryUrl, registryHash } from "../../src/format/registry_url.ts";
import { murmurHash3 } from "../../src/hash.ts";
import { native } from "../../src/native/index.ts";
import { check, compare } from "../support/measure.ts";
import type { ZigLoops } from "../support/zig_loops.ts";
import { REGISTRY } from "./fixture.ts";
import { type ClaimRow, each, type Effort, inside } from "./row.ts";

const CLAIM = { claim: "registry hash", claimNs: 15 } as const;

export async function hashRows(effort: Effort, zig: ZigLoops): Promise<ClaimRow[]> {
  const { pairs, times } = effort;
  const bytes = new TextEncoder().encode(REGISTRY);
  const hash = murmurHash3(bytes);
  check(bytes.length === 30, "the URL has not 30 bytes");
  check(zig.bench_murmur3(bytes, bytes.length, 1) === hash, "Zig hashes otherwise");
  check(native.murmurHash3(bytes) === hash, "the native library hashes otherwise");
  check(Bun.hash.murmur32v3(bytes) === hash, "Bun hashes otherwise");
  check(registryHash(canonicalRegistryUrl(`${REGISTRY}/`)) === hash, "the URL hashes otherwise");

  const count = times(20_000);
  const bunHash = {
    floor: "`Bun.hash.murmur32v3` of the same bytes",
    run: each(count, () => Bun.hash.murmur32v3(bytes)),
  };
  return [
    {
      ...CLAIM,
      meaning: "30 bytes hashed in Zig",
      floor: "a loop iteration in Zig",
      result: await compare(pairs, {
        subject: inside(times(100_000), (n) => zig.bench_murmur3(bytes, bytes.length, n)),
        floor: inside(times(100_000), zig.bench_loop),
      }),
    },
    {
      ...CLAIM,
      meaning: "the same, called from JavaScript",
      floor: bunHash.floor,
      result: await compare(pairs, {
        subject: each(count, () => native.murmurHash3(bytes)),
        floor: bunHash.run,
      }),
    },
    {
      ...CLAIM,
      meaning: "the same in TypeScript",
      floor: bunHash.floor,
      result: await compare(pairs, {
        subject: each(count, () => murmurHash3(bytes)),
        floor: bunHash.run,
      }),
    },
    {
      ...CLAIM,
      meaning: "from a URL as it was typed: canonical form, then hash",
      floor: "`new URL` of it",
      result: await compare(pairs, {
        subject: each(times(2_000), () => registryHash(canonicalRegistryUrl(`${REGISTRY}/`))),
        floor: each(times(2_000), () => new URL(`${REGISTRY}/`)),
      }),
    },
  ];
}
