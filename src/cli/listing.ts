/** What the help and the completions say of each command. */

import { ImmuconfigError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import { quote } from "../base/text.ts";
import { usageError } from "./args/arguments.ts";
import type { Command, Host } from "./command.ts";
import { COMMANDS, type CommandName, isCommand } from "./table.ts";

/** The groups of the help and their commands, with a line about each. */
export const GROUPS = {
  "Set up": {
    init: "set up this project: the file, scripts, preload and git attributes",
    bootstrap: "create the file if there is none, else verify it",
    doctor: "examine the file and the project around it",
    types: "write typed flag names for config, Bun.config and bun:bundle",
    "zig-flags": "write the flags as a Zig module: unknown names are compile errors",
    completions: "print a script that completes commands, options and flags",
  },
  "Read and change": {
    get: "print the record or one of its fields",
    set: "change a setting",
    feature: "list, define, switch and retire flags",
    verify: "check every byte of the file and its text twin, or the record in a built file",
    inspect: "draw the file's bytes with their fields, broken files too",
    freeze: "refuse every change until thaw",
    thaw: "allow changes again",
    env: "print BUN_OPTIONS and the spawn pin for plain Bun commands",
    exec: "run a command with the enabled flags and the spawn pin",
  },
  Trust: {
    key: "make and keep the keys that you sign with",
    trust: "say whose signatures count for this project",
    sign: "sign the file, after a look at what changed",
  },
  Install: {
    lock: "list the packages of bun.lock in the record",
    registry: "show which registry Bun asks, and who says so",
    install: "install what the record lists, and nothing else",
    ci: "the same as install",
    add: "add packages after a look at what comes with them",
    update: "update packages after a look at what changes",
    remove: "remove packages, from the record too",
  },
  Build: {
    build: "bun build with the record's flags, checked, and the record in each output",
    check: "find uses of feature() that a bundler gets wrong, and flags that are not right",
    ledger: "how many bytes each flag adds to a bundle",
    prove: "prove that nothing of a flag's dead branches is in what ships",
    matrix: "build, or run a command, with every pair of flags in all four states",
  },
  Live: {
    live: "flip flags in running processes, without touching the file",
  },
  Git: {
    diff: "say in words what changed between two versions",
    log: "show the file's history: generation, who, when, what",
    merge: "join two versions that came from one; the merge driver of git",
    resolve: "settle what a merge left open, and end the conflict",
    "git-setup": "let git show and merge the file by its meaning, in this clone",
  },
  "Control plane": {
    serve: "run the control plane: flags in a browser, by OFREP, by HTTP",
    push: "send the file to an environment of the control plane",
    pull: "fetch an environment's file, after saying what differs",
    override: "switch flags of an environment, with a reason and an end",
    request: "show what waits for approval, and ask for a switch or other values of a flag",
    watch: "follow what changes in an environment",
    agent: "bring an environment's overrides to the live flags of this host",
    fleet: "show how far the hosts of an environment are, or simulate many",
    relay: "stand in for the server where hosts reach no further; hand on what it signed",
    audit: "check or export the control plane's audit log",
  },
  Upgrade: {
    upgrade: "bring Bun or immuconfig to a newer version, verified",
    rollback: "go back to the program that the last upgrade replaced",
  },
} as const satisfies Readonly<Record<string, Partial<Record<CommandName, string>>>>;

/** Of every command, in the order of the help. */
const SUMMARIES: Readonly<Record<CommandName, string>> = {
  ...GROUPS["Set up"],
  ...GROUPS["Read and change"],
  ...GROUPS.Trust,
  ...GROUPS.Install,
  ...GROUPS.Build,
  ...GROUPS.Live,
  ...GROUPS.Git,
  ...GROUPS["Control plane"],
  ...GROUPS.Upgrade,
};

/** What loads the commands that are not with the others. */
export type Loading = Pick<Host, "companion">;

/** All that is said of a command. */
export interface ListedCommand extends Omit<Command, "parse" | "run"> {
  readonly name: CommandName;
  /** One line. */
  readonly summary: string;
}

/** @throws ImmuconfigError `ERR_USAGE`; `ERR_NOT_FOUND`, `ERR_ABI` for one that another package has */
export async function loadCommand(name: string, host: Loading): Promise<Command & ListedCommand> {
  if (!isCommand(name)) throw noCommand(name);
  return { ...(await COMMANDS[name](host)), name, summary: SUMMARIES[name] };
}

/** Every command, in the order of the help. Of those that are not installed there is less to say. */
export function loadCommands(host: Loading): Promise<readonly ListedCommand[]> {
  const names = Object.keys(SUMMARIES).filter(isCommand);
  return Promise.all(
    names.map(async (name) => {
      try {
        return await loadCommand(name, host);
      } catch (error) {
        if (!(error instanceof ImmuconfigError)) throw error;
        return { usage: [], examples: [], name, summary: SUMMARIES[name] };
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
