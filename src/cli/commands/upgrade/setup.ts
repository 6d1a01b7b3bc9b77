/** From the command line and the record to everything that an upgrade needs. */

import { packageRoot } from "../../../base/package_root.ts";
import { version as ownVersion } from "../../../../package.json";
import type { File } from "../../../format/file.ts";
import { findFile } from "../../../store/find.ts";
import { findPin } from "../../../runtime/pin.ts";
import { readConfigFile } from "../../../trust/verified.ts";
import { defaultFile } from "../../../store/default_file.ts";
import { downgradeLogPath } from "../../../upgrade/downgrade_log.ts";
import type { UpgradeTask } from "../../../upgrade/engine.ts";
import type { EventSink } from "../../../upgrade/events.ts";
import { findBun, findSelf, type Installation } from "../../../upgrade/installation.ts";
import { policyOf } from "../../../upgrade/policy.ts";
import { bunProduct, currentHost, type Product, selfProduct } from "../../../upgrade/product.ts";
import { registryClient } from "../../../registry/client.ts";
import { registryToken } from "../../../registry/token.ts";
import { loadTrustRoots } from "../../../trust/trust_roots.ts";
import { requireVersion } from "../../../base/version.ts";
import { type CommandArguments, usageError } from "../../args/arguments.ts";
import type { Context } from "../../command.ts";
import { standaloneExecutable } from "../../children/standalone.ts";

export const PRODUCT_WORDS = ["bun", "self"] as const;

/** What the user asked for. */
export interface Request {
  product: Product;
  version: string | undefined;
}

export interface Setup extends Request {
  installation: Installation;
  /** The installed version, where it is known without running a program. */
  installed: string | undefined;
  /** The project's file, or what a new one would say. */
  file: File;
  /** Where the file is; undefined when there is none. */
  filePath: string | undefined;
}

/**
 * Reads `[bun|self] [VERSION]`.
 *
 * @throws ImmuconfigError `ERR_USAGE`; `ERR_VALUE` for no version; `ERR_PROGRAM` when this machine is not served
 */
export function readRequest(args: CommandArguments): Request {
  const [first = "bun", ...rest] = args.operands;
  const named = (PRODUCT_WORDS as readonly string[]).includes(first);
  const [version, ...more] = named ? rest : args.operands;
  if (more.length > 0) throw usageError("expected [bun|self] [VERSION]");
  const host = currentHost();
  const product = first === "self" ? selfProduct(host) : bunProduct(host);
  const plain = version?.replace(/^v(?=\d)/, "");
  if (plain !== undefined) requireVersion(plain);
  return { product, version: plain };
}

/** Finds the program and the record that decides about it. */
export async function prepare(
  context: Context,
  args: CommandArguments,
  request: Request,
): Promise<Setup> {
  const { cwd, env } = context;
  const surroundings = { cwd, env, to: args.value("to") };
  const executable = standaloneExecutable();
  const installation =
    request.product.id === "bun"
      ? await findBun(surroundings)
      : await findSelf(surroundings, { executable, packageFolder: packageRoot() });
  const filePath = findFile({ cwd, env, file: context.file });
  const isPackage =
    request.product.id === "self" && ["project", "global"].includes(installation.kind);
  return {
    ...request,
    installation,
    installed: isPackage ? ownVersion : undefined,
    file: filePath === undefined ? defaultFile() : readPinned(filePath, context),
    filePath,
  };
}

/**
 * An upgrade of what `prepare` has found, from the registry that the record pins for a package.
 *
 * @param packageName the package that holds the program, or that a package manager installs
 */
export async function upgradeTask(
  context: Context,
  args: CommandArguments,
  setup: Setup,
  packageName: string,
  onEvent: EventSink,
): Promise<UpgradeTask> {
  const policy = policyOf(setup.file, packageName);
  const trust = await loadTrustRoots(policy.registry, {
    registryKeys: args.value("registry-keys"),
    trustedRoot: args.value("trusted-root"),
  });
  return {
    product: { ...setup.product, platformPackage: packageName },
    policy,
    trust,
    client: registryClient(policy.registry, registryToken(policy.registry, context.env)),
    target: setup.installation.target,
    ...(setup.installed === undefined ? {} : { installed: setup.installed }),
    requested: setup.version,
    allowDowngrade: args.has("allow-downgrade"),
    logPath: downgradeLogPath(context.env),
    now: context.now,
    onEvent,
  };
}

/** A parent process that pinned the record has pinned its config version as well. */
function readPinned(path: string, context: Context): File {
  const file = readConfigFile(path, context.env);
  const pin = findPin(context.env, path);
  return pin === undefined ? file : { ...file, record: pin.record };
}
