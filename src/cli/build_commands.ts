/** The commands of `@immuconfig/build`: they need parsers, and verify signatures of releases. */

import type { Command } from "./command.ts";
import type { retire as retireCommand } from "./commands/record/feature_retire.ts";

export const build = async (): Promise<Command> =>
  (await import("./commands/build/build.ts")).buildCommand;
export const check = async (): Promise<Command> =>
  (await import("./commands/build/check.ts")).checkCommand;
export const ledger = async (): Promise<Command> =>
  (await import("./commands/build/ledger.ts")).ledgerCommand;
export const prove = async (): Promise<Command> =>
  (await import("./commands/build/prove.ts")).proveCommand;
export const matrix = async (): Promise<Command> =>
  (await import("./commands/build/matrix.ts")).matrixCommand;
export const upgrade = async (): Promise<Command> => (await import("./upgrade.ts")).upgradeCommand;
export const rollback = async (): Promise<Command> =>
  (await import("./upgrade.ts")).rollbackCommand;

/** What `feature retire` does to sources. */
export const retire: typeof retireCommand = async (...request) =>
  (await import("./commands/record/feature_retire.ts")).retire(...request);
