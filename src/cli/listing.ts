/** What the help and the completions say of each command. */

import { ImmuconfigError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import { quote } from "../base/text.ts";
import { usageError } from "./args/arguments.ts";
import type { Command, Host } from "./command.ts";
import { COMMANDS, type CommandName, isCommand } from "./table.ts";

/** The groups of the help, in its order. */
export const GROUPS = [
  "Set up",
  "Read and change",
  "Trust",
  "Install",
  "Build",
  "Live",
  "Git",
  "Control plane",
  "Upgrade",
] as const;

export interface Listing {
  readonly group: (typeof GROUPS)[number];
  /** One line. */
  readonly summary: string;
}

/** In the order of the help. */
export const LISTING: Readonly<Record<CommandName, Listing>> = {
  init: {
    group: "Set up",
    summary: "set up this project: the file, scripts, preload and git attributes",
  },
  bootstrap: { group: "Set up", summary: "create the file if there is none, else verify it" },
  doctor: { group: "Set up", summary: "examine the file and the project around it" },
  types: {
    group: "Set up",
    summary: "write typed flag names for config, Bun.config and bun:bundle",
  },
  "zig-flags": {
    group: "Set up",
    summary: "write the flags as a Zig module: unknown names are compile errors",
  },
  completions: {
    group: "Set up",
    summary: "print a script that completes commands, options and flags",
  },
  get: { group: "Read and change", summary: "print the record or one of its fields" },
  set: { group: "Read and change", summary: "change a setting" },
  feature: { group: "Read and change", summary: "list, define, switch and retire flags" },
  verify: {
    group: "Read and change",
    summary: "check every byte of the file and its text twin, or the record in a built file",
  },
  inspect: {
    group: "Read and change",
    summary: "draw the file's bytes with their fields, broken files too",
  },
  freeze: { group: "Read and change", summary: "refuse every change until thaw" },
  thaw: { group: "Read and change", summary: "allow changes again" },
  env: {
    group: "Read and change",
    summary: "print BUN_OPTIONS and the spawn pin for plain Bun commands",
  },
  exec: {
    group: "Read and change",
    summary: "run a command with the enabled flags and the spawn pin",
  },
  key: { group: "Trust", summary: "make and keep the keys that you sign with" },
  trust: { group: "Trust", summary: "say whose signatures count for this project" },
  sign: { group: "Trust", summary: "sign the file, after a look at what changed" },
  lock: { group: "Install", summary: "list the packages of bun.lock in the record" },
  registry: { group: "Install", summary: "show which registry Bun asks, and who says so" },
  install: { group: "Install", summary: "install what the record lists, and nothing else" },
  ci: { group: "Install", summary: "the same as install" },
  add: { group: "Install", summary: "add packages after a look at what comes with them" },
  update: { group: "Install", summary: "update packages after a look at what changes" },
  remove: { group: "Install", summary: "remove packages, from the record too" },
  build: {
    group: "Build",
    summary: "bun build with the record's flags, checked, and the record in each output",
  },
  check: {
    group: "Build",
    summary: "find uses of feature() that a bundler gets wrong, and flags that are not right",
  },
  ledger: { group: "Build", summary: "how many bytes each flag adds to a bundle" },
  prove: {
    group: "Build",
    summary: "prove that nothing of a flag's dead branches is in what ships",
  },
  matrix: {
    group: "Build",
    summary: "build, or run a command, with every pair of flags in all four states",
  },
  live: { group: "Live", summary: "flip flags in running processes, without touching the file" },
  diff: { group: "Git", summary: "say in words what changed between two versions" },
  log: { group: "Git", summary: "show the file's history: generation, who, when, what" },
  merge: { group: "Git", summary: "join two versions that came from one; the merge driver of git" },
  resolve: { group: "Git", summary: "settle what a merge left open, and end the conflict" },
  "git-setup": {
    group: "Git",
    summary: "let git show and merge the file by its meaning, in this clone",
  },
  serve: {
    group: "Control plane",
    summary: "run the control plane: flags in a browser, by OFREP, by HTTP",
  },
  push: { group: "Control plane", summary: "send the file to an environment of the control plane" },
  pull: {
    group: "Control plane",
    summary: "fetch an environment's file, after saying what differs",
  },
  override: {
    group: "Control plane",
    summary: "switch flags of an environment, with a reason and an end",
  },
  request: {
    group: "Control plane",
    summary: "show what waits for approval, and ask for a switch or other values of a flag",
  },
  watch: { group: "Control plane", summary: "follow what changes in an environment" },
  agent: {
    group: "Control plane",
    summary: "bring an environment's overrides to the live flags of this host",
  },
  fleet: {
    group: "Control plane",
    summary: "show how far the hosts of an environment are, or simulate many",
  },
  relay: {
    group: "Control plane",
    summary: "stand in for the server where hosts reach no further; hand on what it signed",
  },
  audit: { group: "Control plane", summary: "check or export the control plane's audit log" },
  upgrade: { group: "Upgrade", summary: "bring Bun or immuconfig to a newer version, verified" },
  rollback: { group: "Upgrade", summary: "go back to the program that the last upgrade replaced" },
};

/** What loads the commands that are not with the others. */
export type Loading = Pick<Host, "companion">;

/** All that is said of a command. */
export interface ListedCommand extends Omit<Command, "parse" | "run">, Listing {
  readonly name: CommandName;
}

/** @throws ImmuconfigError `ERR_USAGE`; `ERR_NOT_FOUND`, `ERR_ABI` for one that another package has */
export async function loadCommand(name: string, host: Loading): Promise<Command & ListedCommand> {
  if (!isCommand(name)) throw noCommand(name);
  return { ...(await COMMANDS[name](host)), ...LISTING[name], name };
}

/** Every command, in the order of the help. Of those that are not installed there is less to say. */
export function loadCommands(host: Loading): Promise<readonly ListedCommand[]> {
  const names = Object.keys(LISTING).filter(isCommand);
  return Promise.all(
    names.map(async (name) => {
      try {
        return await loadCommand(name, host);
      } catch (error) {
        if (!(error instanceof ImmuconfigError)) throw error;
        return { usage: [], examples: [], ...LISTING[name], name };
      }
    }),
  );
}

/** What people write without its command. */
const OF_FEATURE: ReadonlySet<string> = new Set([
  "define",
  "enable",
  "disable",
  "rename",
  "retire",
]);

export function noCommand(name: string): Error {
  const found = OF_FEATURE.has(name)
    ? `Did you mean feature ${name}? `
    : didYouMean(name, Object.keys(COMMANDS));
  return usageError(`there is no command ${quote(name)}`, `${found}See \`bun-config --help\`.`);
}
