/** Every command, loaded when it is used. */

import type { CommandLoaders } from "./main.ts";

/** In the order of the help. */
export const COMMANDS: CommandLoaders = {
  bootstrap: async () => (await import("./commands/bootstrap.ts")).bootstrapCommand,
  verify: async () => (await import("./commands/verify.ts")).verifyCommand,
  get: async () => (await import("./commands/get.ts")).getCommand,
  set: async () => (await import("./commands/set.ts")).setCommand,
  feature: async () => (await import("./commands/feature.ts")).featureCommand,
  live: async () => (await import("./commands/live.ts")).liveCommand,
  freeze: async () => (await import("./commands/freeze.ts")).freezeCommand,
  thaw: async () => (await import("./commands/freeze.ts")).thawCommand,
};
