/** From the command line and the record to everything that an upgrade needs. */

import { liesBelow } from "../../../base/paths.ts";
import { packageRoot } from "../../../base/package_root.ts";
import { version as ownVersion } from "../../../../package.json";
import { dirname } from "node:path";
import { canonicalRegistryUrl } from "../../../format/registry_url.ts";
import type { File } from "../../../format/file.ts";
import { findFile } from "../../../store/find.ts";
import { pinInForce } from "../../../runtime/pin.ts";
import { verifyFile } from "../../../trust/verified.ts";
import { readFileBytes } from "../../../store/read.ts";
import { DEFAULT_REGISTRY, defaultFile } from "../../../store/default_file.ts";
import { downgradeLogPath } from "../../../upgrade/downgrade_log.ts";
import type { UpgradeTask } from "../../../upgrade/engine.ts";
import type { EventSink } from "../../../upgrade/events.ts";
import { acceptPolicy, readAcceptance } from "../../../upgrade/acceptance.ts";
import {
  findBun,
  findSelf,
  type Installation,
  packagedVersion,
} from "../../../upgrade/installation.ts";
import { policyOf, type UpgradePolicy } from "../../../upgrade/policy.ts";
import { bunProduct, currentHost, type Product, selfProduct } from "../../../upgrade/product.ts";
import { registryClient } from "../../../registry/client.ts";
import { registryToken } from "../../../registry/token.ts";
import { loadTrustRoots } from "../../../trust/trust_roots.ts";
import { requireVersion } from "../../../base/version.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { standaloneExecutable } from "../../children/standalone_executable.ts";

export const PRODUCT_WORDS = ["bun", "self"] as const;

/** What the user asked for. */
export interface UpgradeRequest {
  readonly program: (typeof PRODUCT_WORDS)[number];
  /** Nothing for the newest. */
  readonly version: string | undefined;
  /** The path of the program to replace. */
  readonly to: string | undefined;
  /** Only say what there is, or what would be done. */
  readonly check: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly allowDowngrade: boolean;
  /** Canonical URLs of a registry to ask, and of one to believe without a signature. */
  readonly registry: string | undefined;
  readonly unsigned: string | undefined;
  /** Paths of files of keys. */
  readonly registryKeys: string | undefined;
  readonly trustedRoot: string | undefined;
}

export interface Setup {
  readonly request: UpgradeRequest;
  product: Product;
  installation: Installation;
  /**
   * The installed version: undefined where the program is asked for it, null where it is a package's
   * and nothing says it.
   */
  installed: string | null | undefined;
  /** The project's file, or what a new one would say. */
  file: File;
  /** The file is signed by a key that the user trusts, or there is none. */
  isTrusted: boolean;
  /** Where the file is; undefined when there is none. */
  filePath: string | undefined;
}

/**
 * Reads `[bun|self] [VERSION]` and the options.
 *
 * @throws ImmuconfigError `ERR_USAGE`; `ERR_VALUE` for no version and no URL
 */
export function parseUpgrade(args: CommandArguments): UpgradeRequest {
  const [first = "bun", ...rest] = args.operands;
  const named = PRODUCT_WORDS.find((word) => word === first);
  const [version, ...more] = named === undefined ? args.operands : rest;
  if (more.length > 0) throw usageError("expected [bun|self] [VERSION]");
  const plain = version?.replace(/^v(?=\d)/, "");
  if (plain !== undefined) requireVersion(plain);
  return {
    program: named ?? "bun",
    version: plain,
    to: args.value("to"),
    check: args.has("check"),
    dryRun: args.has("dry-run"),
    yes: args.has("yes"),
    allowDowngrade: args.has("allow-downgrade"),
    registry: urlOption(args, "registry"),
    unsigned: urlOption(args, "unsigned"),
    registryKeys: args.value("registry-keys"),
    trustedRoot: args.value("trusted-root"),
  };
}

/**
 * Finds the program and the record that decides about it.
 *
 * @throws ImmuconfigError `ERR_PROGRAM` when this machine is not served; all that reading the file
 * throws
 */
export async function prepare(context: Context, request: UpgradeRequest): Promise<Setup> {
  const { cwd, env } = context;
  const surroundings = { cwd, env, to: request.to };
  const executable = standaloneExecutable();
  const host = currentHost();
  const product = request.program === "self" ? selfProduct(host) : bunProduct(host);
  const installation =
    product.id === "bun"
      ? await findBun(surroundings)
      : await findSelf(surroundings, { executable, packageFolder: packageRoot() });
  const filePath = findFile({ cwd, env, file: context.file });
  return {
    request,
    product,
    installation,
    installed: installedOf(product, installation),
    ...readRecord(filePath, context),
    filePath,
  };
}

function installedOf(product: Product, { kind, target }: Installation): string | null | undefined {
  if (kind !== "project" && kind !== "global") return undefined;
  if (product.id === "self") return ownVersion;
  return packagedVersion(target, product.packageName) ?? null;
}

/**
 * An upgrade of what `prepare` has found, from the registry that the record pins for a package.
 *
 * @param packageName the package that holds the program, or that a package manager installs
 */
export async function upgradeTask(
  context: Context,
  setup: Setup,
  packageName: string,
  onEvent: EventSink,
): Promise<UpgradeTask> {
  const { version, allowDowngrade, registryKeys, trustedRoot } = setup.request;
  const policy = acceptedPolicy(context, setup, packageName);
  const trust = await loadTrustRoots(policy.registry, { registryKeys, trustedRoot });
  return {
    product: { ...setup.product, platformPackage: packageName },
    policy,
    trust,
    client: registryClient(policy.registry, registryToken(policy.registry, context.env)),
    target: setup.installation.target,
    ...(setup.installed === undefined ? {} : { installed: setup.installed }),
    requested: version,
    allowDowngrade,
    logPath: downgradeLogPath(context.env),
    now: context.now,
    onEvent,
  };
}

/** A parent process that pinned the record has pinned its config version as well. */
function readRecord(
  path: string | undefined,
  { env }: Context,
): { readonly file: File; readonly isTrusted: boolean } {
  if (path === undefined) return { file: defaultFile(), isTrusted: true };
  const { file, verdict } = verifyFile(readFileBytes(path), path, env);
  const pin = pinInForce(env, path, file);
  return {
    file: pin === undefined ? file : { ...file, record: pin.record },
    isTrusted: verdict !== undefined,
  };
}

/**
 * The record's policy for a package, as far as the user accepts it.
 *
 * @throws ImmuconfigError `ERR_SIGNATURE` for a registry that the user has not accepted
 */
export function acceptedPolicy({ env }: Context, setup: Setup, packageName: string): UpgradePolicy {
  const { file, filePath, installation, isTrusted } = setup;
  const { registry, unsigned, registryKeys } = setup.request;
  const wanted = policyOf(file, packageName, registry ?? unsigned);
  const own = readAcceptance(env);
  const token = registryToken(wanted.registry, env);
  // Who names the keys that must have signed, or has a token for it, knows the registry.
  const isKnown = registryKeys !== undefined || token !== undefined;
  const registries = [
    DEFAULT_REGISTRY,
    ...own.registries,
    ...(registry === undefined ? [] : [registry]),
    ...(isKnown ? [wanted.registry] : []),
  ];
  const accepted = {
    registries,
    unsigned: unsigned === undefined ? own.unsigned : [...own.unsigned, unsigned],
  };
  const folder = filePath === undefined ? undefined : dirname(filePath);
  const isOwnProgram =
    folder !== undefined &&
    installation.kind === "project" &&
    (installation.folder === folder || liesBelow(installation.folder, folder));
  return acceptPolicy(wanted, accepted, { isTrusted, isOwnProgram }, filePath);
}

function urlOption(args: CommandArguments, name: string): string | undefined {
  const url = args.value(name);
  return url === undefined ? undefined : canonicalRegistryUrl(url);
}
