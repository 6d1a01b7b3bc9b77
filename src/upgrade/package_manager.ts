/** The commands of package managers, for programs that one of them looks after. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../base/errors.ts";
import type { Installation, SystemManager } from "./installation.ts";
import { isObject } from "../base/json.ts";
import { readManifest } from "../base/manifest.ts";

type Manager = "bun" | "npm" | "pnpm" | "yarn";
/** How package.json lists a dependency. */
type Listing = "dependencies" | "devDependencies" | "optionalDependencies";

/** A command that lets a package manager bring a version. */
export interface ManagerCommand {
  words: readonly string[];
  /** Where it must run; undefined: anywhere. */
  folder: string | undefined;
}

const LOCKFILES: readonly (readonly [file: string, manager: Manager])[] = [
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["package-lock.json", "npm"],
];

type AddOptions = { readonly exact: string } & Readonly<Record<Listing, readonly string[]>>;

const SHORT: AddOptions = {
  exact: "--exact",
  dependencies: [],
  devDependencies: ["--dev"],
  optionalDependencies: ["--optional"],
};
const LONG: AddOptions = {
  exact: "--save-exact",
  dependencies: [],
  devDependencies: ["--save-dev"],
  optionalDependencies: ["--save-optional"],
};

const ADD: Readonly<Record<Manager, AddOptions & { readonly words: readonly string[] }>> = {
  bun: { words: ["bun", "add"], ...SHORT },
  npm: { words: ["npm", "install"], ...LONG },
  pnpm: { words: ["pnpm", "add"], ...LONG },
  yarn: { words: ["yarn", "add"], ...SHORT },
};

const GLOBAL_ADD: Record<Manager, string[]> = {
  bun: ["bun", "add", "--global"],
  npm: ["npm", "install", "--global"],
  pnpm: ["pnpm", "add", "--global"],
  yarn: ["yarn", "global", "add"],
};

const SYSTEM_UPGRADE: Record<SystemManager, string[]> = {
  apk: ["apk", "upgrade"],
  "apt-get": ["apt-get", "install", "--only-upgrade"],
  brew: ["brew", "upgrade"],
  dnf: ["dnf", "upgrade"],
  nix: ["nix", "profile", "upgrade"],
  pacman: ["pacman", "-S"],
  snap: ["snap", "refresh"],
};

/**
 * The command that brings `name@version` where an installation is a package manager's.
 *
 * @returns undefined when no package manager looks after it
 */
export function managerCommand(
  installation: Installation,
  name: string,
  version: string,
): ManagerCommand | undefined {
  if (installation.kind === "global") {
    const words = [...GLOBAL_ADD[installation.manager], `${name}@${version}`];
    return { words, folder: undefined };
  }
  if (installation.kind !== "project") return undefined;
  const { folder } = installation;
  const { words, exact, ...listed } = ADD[projectManager(folder)];
  return {
    words: [...words, exact, ...listed[listingOf(folder, name)], `${name}@${version}`],
    folder,
  };
}

/**
 * Refuses to touch what others look after.
 *
 * @throws ImmuconfigError `ERR_MANAGED` for a system package, and for code in a working copy
 */
export function refuseForeign(installation: Installation): void {
  if (installation.kind === "system") {
    const { manager, packageName, target } = installation;
    throw new ImmuconfigError(
      "ERR_MANAGED",
      `${target} belongs to the system package ${packageName}`,
      { hint: `Upgrade it with: ${[...SYSTEM_UPGRADE[manager], packageName].join(" ")}` },
    );
  }
  if (installation.kind === "source") {
    throw new ImmuconfigError(
      "ERR_MANAGED",
      `immuconfig runs from its source in ${installation.folder}`,
      { hint: "Upgrade it with git pull, or install the package." },
    );
  }
}

function projectManager(folder: string): Manager {
  return LOCKFILES.find(([file]) => existsSync(join(folder, file)))?.[1] ?? "npm";
}

function listingOf(folder: string, name: string): Listing {
  const manifest = readManifest(folder) ?? {};
  const listings = ["dependencies", "optionalDependencies"] as const;
  const found = listings.find((listing) => {
    const names = manifest[listing];
    return isObject(names) && Object.hasOwn(names, name);
  });
  return found ?? "devDependencies";
}
