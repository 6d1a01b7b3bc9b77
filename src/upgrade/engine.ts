/** An upgrade from its plan to the program in its place (docs/upgrade.md, "What is checked"). */

import { ImmuconfigError } from "../base/errors.ts";
import { PROBE_WAIT_MS, TARBALL_SIZE_MAX, UPGRADE_LOCK_WAIT_MS } from "../base/limits.ts";
import { withLock } from "../store/lock.ts";
import { logDowngrade } from "./downgrade_log.ts";
import { download } from "./download.ts";
import type { EventSink } from "./events.ts";
import type { Release } from "../registry/packument.ts";
import { type Plan, planUpgrade } from "./plan.ts";
import { isBelowFloor, type UpgradePolicy } from "./policy.ts";
import { requireVersionOf, runProgram } from "./probe.ts";
import type { Product } from "./product.ts";
import { verifyProvenance } from "../trust/provenance.ts";
import { fetchAttestations, fetchPackument, type RegistryClient } from "../registry/client.ts";
import { type ProgramFiles, programFiles, putBack, putInPlace } from "./swap.ts";
import { type SignatureVerdict, verifySignatures } from "../trust/registry_signature.ts";
import { cannotWrite } from "../base/fs_errors.ts";
import { partPath, programAttributes, removeLeftovers } from "./target.ts";
import type { TrustRoots } from "../trust/trust_roots.ts";
import { unpackProgram } from "./unpack.ts";
import { parseVersion } from "../base/version.ts";

/** Everything that an upgrade depends on. */
export interface UpgradeTask {
  product: Product;
  policy: UpgradePolicy;
  trust: TrustRoots;
  client: RegistryClient;
  /** The program to replace, or to make: an absolute path without symbolic links. */
  target: string;
  /**
   * The installed version, where it is known without running the program; null where the program may
   * not be run, and nothing says its version.
   */
  installed?: string | null;
  /** The version to install; undefined means the newest that the record accepts. */
  requested: string | undefined;
  allowDowngrade: boolean;
  /** Where downgrades are logged. */
  logPath: string;
  now: () => Date;
  onEvent: EventSink;
  /** How long a program may take to report its version, in milliseconds. */
  probeWaitMs?: number;
  /** Bytes that a packed release may have. */
  tarballSizeMax?: number;
}

/** A plan, and what the registry's signature of its release is worth. */
export interface Inspection {
  plan: Plan;
  /** Undefined where the registry is accepted without signatures. */
  signature: SignatureVerdict | undefined;
}

/**
 * Finds out what an upgrade would do, without a download and without a change.
 *
 * @throws ImmuconfigError as `upgradeProgram` does for the same version
 */
export async function inspectUpgrade(task: UpgradeTask): Promise<Inspection> {
  const plan = await makePlan(task);
  return { plan, signature: checkSignature(task, plan.release) };
}

/**
 * Replaces a program by a release that was verified: digest, registry signature, provenance where
 * there is one, exactly one file, and a run of the new program before and after it takes the old
 * one's place. Two upgrades of one folder wait for each other. Whatever goes wrong, and even if
 * the process is killed, the target is a whole program: the old one or the new one.
 *
 * @returns what was done; `change` is `"none"` when the version was installed already
 * @throws ImmuconfigError with the code of the step that refused: `ERR_NETWORK`, `ERR_REGISTRY`,
 * `ERR_NOT_FOUND`, `ERR_VALUE`, `ERR_DOWNGRADE`, `ERR_BUN_VERSION`, `ERR_DIGEST`, `ERR_SIGNATURE`,
 * `ERR_PROVENANCE`, `ERR_ARCHIVE`, `ERR_PROGRAM`, `ERR_WRITE`, `ERR_BUSY`, `ERR_LOCK`
 * @example
 * const plan = await upgradeProgram({ product: bunProduct(currentHost()), target, policy, … });
 */
export async function upgradeProgram(task: UpgradeTask): Promise<Plan> {
  const files = programFiles(task.target);
  return withFolder(files.folder, task.onEvent, async () => {
    const plan = await makePlan(task);
    task.onEvent({ kind: "planned", plan });
    if (plan.change === "none") return plan;
    await installRelease(task, files, plan);
    return plan;
  });
}

/** Runs a function that changes programs in a folder, when nobody else does. */
export async function withFolder<T>(
  folder: string,
  onEvent: EventSink,
  run: () => Promise<T>,
): Promise<T> {
  let entered = false;
  const enter = (): Promise<T> => {
    entered = true;
    return run();
  };
  try {
    return await withLock(folder, enter, { waitMs: 0 });
  } catch (error) {
    const busy = error instanceof ImmuconfigError && error.code === "ERR_BUSY";
    if (entered || !busy) throw error;
  }
  onEvent({ kind: "waiting", folder });
  return withLock(folder, enter, { waitMs: UPGRADE_LOCK_WAIT_MS });
}

/**
 * Asks a program for its version.
 *
 * @returns undefined when it is missing, does not run, or reports no released version
 */
export async function installedVersion(
  target: string,
  waitMs = PROBE_WAIT_MS,
): Promise<string | undefined> {
  try {
    const output = await runProgram(target, "--version", waitMs);
    return parseVersion(output) === undefined ? undefined : output;
  } catch (error) {
    if (error instanceof ImmuconfigError) return undefined;
    throw error;
  }
}

async function makePlan(task: UpgradeTask): Promise<Plan> {
  const { product, policy, requested, allowDowngrade } = task;
  const packument = await fetchPackument(task.client, product.platformPackage);
  const installed =
    task.installed === undefined
      ? await installedVersion(task.target, task.probeWaitMs)
      : (task.installed ?? undefined);
  return planUpgrade({ product, policy, packument, installed, requested, allowDowngrade });
}

async function installRelease(task: UpgradeTask, files: ProgramFiles, plan: Plan): Promise<void> {
  const part = partPath(files, plan.to);
  let keepPart = false;
  try {
    clean(files, part);
    await fetchVerified(task, plan.release, part);
    await replaceProgram(task, files, plan, part);
  } catch (error) {
    keepPart = error instanceof ImmuconfigError && error.code === "ERR_NETWORK";
    throw error;
  } finally {
    clean(files, keepPart ? part : undefined);
  }
}

function clean(files: ProgramFiles, keep: string | undefined): void {
  try {
    removeLeftovers(files, keep);
  } catch (cause) {
    throw cannotWrite(files.folder, cause, { doing: "remove an earlier upgrade's files in" });
  }
}

/** Downloads a release and believes it only when everything about it holds. */
async function fetchVerified(task: UpgradeTask, release: Release, part: string): Promise<void> {
  const { onEvent, client, trust } = task;
  const downloaded = await download({
    client,
    url: release.tarball,
    digest: release.digest,
    partPath: part,
    sizeMax: task.tarballSizeMax ?? TARBALL_SIZE_MAX,
    onProgress: (received, total) => {
      onEvent({ kind: "progress", received, total });
    },
  });
  onEvent({ kind: "downloaded", ...downloaded });

  const signature = checkSignature(task, release);
  if (signature === undefined) onEvent({ kind: "unsigned", registry: client.url });
  else onEvent({ kind: "signed", ...signature });

  if (!release.attested) {
    onEvent({ kind: "noProvenance" });
    return;
  }
  const answer = await fetchAttestations(client, release);
  const verdict = await verifyProvenance(answer, release, trust, task.product.signerPrefix);
  onEvent({ kind: "provenance", ...verdict });
}

/** Returns undefined when the registry is accepted as it is: without a known signature. */
function checkSignature(task: UpgradeTask, release: Release): SignatureVerdict | undefined {
  const { signatureKeys } = task.trust;
  const mayBeUnsigned = task.policy.unsignedRegistries.includes(task.client.url);
  const known = release.signatures.some(({ keyId }) =>
    signatureKeys.some((key) => key.keyId === keyId),
  );
  if (mayBeUnsigned && !known) return undefined;
  return verifySignatures(release, signatureKeys, task.now());
}

async function replaceProgram(
  task: UpgradeTask,
  files: ProgramFiles,
  plan: Plan,
  part: string,
): Promise<void> {
  const { product, onEvent, target } = task;
  const { member } = product;
  const size = await unpackProgram(part, member, files.fresh, programAttributes(target));
  onEvent({ kind: "unpacked", member, size });
  onEvent({
    kind: "ran",
    output: await requireVersionOf(files.fresh, product, plan.to, task.probeWaitMs),
  });

  if (plan.change === "downgrade" || isBelowFloor(product, task.policy, plan.to)) {
    logDowngrade(task, "upgrade", plan);
  }
  const hadProgram = putInPlace(files);
  onEvent({ kind: "replaced", target, previous: hadProgram ? files.previous : undefined });
  try {
    const output = await requireVersionOf(target, product, plan.to, task.probeWaitMs);
    onEvent({ kind: "confirmed", output });
  } catch (error) {
    putBack(files, hadProgram);
    throw error;
  }
}
