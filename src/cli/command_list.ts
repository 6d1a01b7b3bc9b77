/** Every command, loaded when it is used. */

import type { CommandLoaders } from "./main.ts";

/** In the order of the help. */
export const COMMANDS: CommandLoaders = {
  init: async () => (await import("./commands/init.ts")).initCommand,
  bootstrap: async () => (await import("./commands/bootstrap.ts")).bootstrapCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  inspect: async () => (await import("./commands/inspect.ts")).inspectCommand,
  diff: async () => (await import("./commands/diff.ts")).diffCommand,
  log: async () => (await import("./commands/log.ts")).logCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
  get: async () => (await import("./commands/get.ts")).getCommand,
  set: async () => (await import("./commands/set.ts")).setCommand,
  feature: async () => (await import("./commands/feature.ts")).featureCommand,
  live: async () => (await import("./commands/live.ts")).liveCommand,
  freeze: async () => (await import("./commands/freeze.ts")).freezeCommand,
  thaw: async () => (await import("./commands/freeze.ts")).thawCommand,
  types: async () => (await import("./commands/types.ts")).typesCommand,
  "zig-flags": async () => (await import("./commands/zig_flags.ts")).zigFlagsCommand,
  env: async () => (await import("./commands/env.ts")).envCommand,
  exec: async () => (await import("./commands/exec.ts")).execCommand,
  "git-setup": async () => (await import("./commands/git_setup.ts")).gitSetupCommand,
  merge: async () => (await import("./commands/merge.ts")).mergeCommand,
  build: async () => (await import("./commands/build.ts")).buildCommand,
  check: async () => (await import("./commands/check.ts")).checkCommand,
  ledger: async () => (await import("./commands/ledger.ts")).ledgerCommand,
  prove: async () => (await import("./commands/prove.ts")).proveCommand,
  retire: async () => (await import("./commands/retire.ts")).retireCommand,
  matrix: async () => (await import("./commands/matrix.ts")).matrixCommand,
  completions: async () => (await import("./commands/completions.ts")).completionsCommand,
  upgrade: async () => (await import("./upgrade.ts")).upgradeCommand,
  rollback: async () => (await import("./upgrade.ts")).rollbackCommand,
};
