/** Every command and where it lies: the one place that knows. Each is loaded when it is used. */

import type { Command, Host } from "./command.ts";

/** In the order of the help (listing.ts). */
export const COMMANDS = {
  init: async () => (await import("./commands/setup/init.ts")).initCommand,
  bootstrap: async () => (await import("./commands/setup/bootstrap.ts")).bootstrapCommand,
  doctor: async () => (await import("./commands/setup/doctor.ts")).doctorCommand,
  types: async () => (await import("./commands/setup/types.ts")).typesCommand,
  "zig-flags": async () => (await import("./commands/setup/zig_flags.ts")).zigFlagsCommand,
  completions: async () => (await import("./commands/setup/completions.ts")).completionsCommand,
  get: async () => (await import("./commands/record/get.ts")).getCommand,
  set: async () => (await import("./commands/record/set.ts")).setCommand,
  feature: async () => (await import("./commands/record/feature.ts")).featureCommand,
  verify: async () => (await import("./commands/record/verify.ts")).verifyCommand,
  inspect: async () => (await import("./commands/record/inspect.ts")).inspectCommand,
  freeze: async () => (await import("./commands/record/freeze.ts")).freezeCommand,
  thaw: async () => (await import("./commands/record/freeze.ts")).thawCommand,
  key: async () => (await import("./commands/trust/key.ts")).keyCommand,
  trust: async () => (await import("./commands/trust/trust.ts")).trustCommand,
  sign: async () => (await import("./commands/trust/sign.ts")).signCommand,
  lock: async () => (await import("./commands/install/lock.ts")).lockCommand,
  registry: async () => (await import("./commands/install/registry.ts")).registryCommand,
  install: async () => (await import("./commands/install/install.ts")).installCommand,
  ci: async () => (await import("./commands/install/install.ts")).installCommand,
  add: async () => (await import("./commands/install/change_packages.ts")).addCommand,
  update: async () => (await import("./commands/install/change_packages.ts")).updateCommand,
  remove: async () => (await import("./commands/install/change_packages.ts")).removeCommand,
  env: async () => (await import("./commands/record/env.ts")).envCommand,
  exec: async () => (await import("./commands/record/exec.ts")).execCommand,
  build: ({ companion }) => companion("build", ({ build }) => build()),
  check: ({ companion }) => companion("build", ({ check }) => check()),
  ledger: ({ companion }) => companion("build", ({ ledger }) => ledger()),
  prove: ({ companion }) => companion("build", ({ prove }) => prove()),
  matrix: ({ companion }) => companion("build", ({ matrix }) => matrix()),
  live: async () => (await import("./commands/live/live.ts")).liveCommand,
  diff: async () => (await import("./commands/git/diff.ts")).diffCommand,
  log: async () => (await import("./commands/git/log.ts")).logCommand,
  merge: async () => (await import("./commands/git/merge.ts")).mergeCommand,
  resolve: async () => (await import("./commands/git/resolve.ts")).resolveCommand,
  "git-setup": async () => (await import("./commands/git/git_setup.ts")).gitSetupCommand,
  serve: ({ companion }) => companion("server", ({ serve }) => serve()),
  push: async () => (await import("./commands/plane/push.ts")).pushCommand,
  pull: async () => (await import("./commands/plane/pull.ts")).pullCommand,
  override: async () => (await import("./commands/plane/override.ts")).overrideCommand,
  request: async () => (await import("./commands/plane/request.ts")).requestCommand,
  watch: async () => (await import("./commands/plane/watch.ts")).watchCommand,
  agent: async () => (await import("./commands/plane/agent.ts")).agentCommand,
  fleet: async () => (await import("./commands/plane/fleet.ts")).fleetCommand,
  relay: ({ companion }) => companion("server", ({ relay }) => relay()),
  audit: async () => (await import("./commands/plane/audit.ts")).auditCommand,
  upgrade: ({ companion }) => companion("build", ({ upgrade }) => upgrade()),
  rollback: ({ companion }) => companion("build", ({ rollback }) => rollback()),
} as const satisfies Readonly<Record<string, (host: Pick<Host, "companion">) => Promise<Command>>>;

export type CommandName = keyof typeof COMMANDS;

export function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}
