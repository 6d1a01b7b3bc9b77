/** Every command, loaded when it is used. */

import type { CommandLoaders } from "./main.ts";

/** In the order of the help. */
export const COMMANDS: CommandLoaders = {
  init: async () => (await import("./commands/setup/init.ts")).initCommand,
  bootstrap: async () => (await import("./commands/setup/bootstrap.ts")).bootstrapCommand,
  verify: async () => (await import("./commands/record/verify.ts")).verifyCommand,
  inspect: async () => (await import("./commands/record/inspect.ts")).inspectCommand,
  diff: async () => (await import("./commands/git/diff.ts")).diffCommand,
  log: async () => (await import("./commands/git/log.ts")).logCommand,
  doctor: async () => (await import("./commands/setup/doctor.ts")).doctorCommand,
  get: async () => (await import("./commands/record/get.ts")).getCommand,
  set: async () => (await import("./commands/record/set.ts")).setCommand,
  feature: async () => (await import("./commands/record/feature.ts")).featureCommand,
  live: async () => (await import("./commands/live/live.ts")).liveCommand,
  freeze: async () => (await import("./commands/record/freeze.ts")).freezeCommand,
  thaw: async () => (await import("./commands/record/freeze.ts")).thawCommand,
  types: async () => (await import("./commands/setup/types.ts")).typesCommand,
  "zig-flags": async () => (await import("./commands/setup/zig_flags.ts")).zigFlagsCommand,
  env: async () => (await import("./commands/record/env.ts")).envCommand,
  exec: async () => (await import("./commands/record/exec.ts")).execCommand,
  "git-setup": async () => (await import("./commands/git/git_setup.ts")).gitSetupCommand,
  resolve: async () => (await import("./commands/git/resolve.ts")).resolveCommand,
  merge: async () => (await import("./commands/git/merge.ts")).mergeCommand,
  build: async () => (await import("./commands/build/build.ts")).buildCommand,
  check: async () => (await import("./commands/build/check.ts")).checkCommand,
  ledger: async () => (await import("./commands/build/ledger.ts")).ledgerCommand,
  prove: async () => (await import("./commands/build/prove.ts")).proveCommand,
  retire: async () => (await import("./commands/build/retire.ts")).retireCommand,
  matrix: async () => (await import("./commands/build/matrix.ts")).matrixCommand,
  completions: async () => (await import("./commands/setup/completions.ts")).completionsCommand,
  upgrade: async () => (await import("./upgrade.ts")).upgradeCommand,
  rollback: async () => (await import("./upgrade.ts")).rollbackCommand,
};
