/** Where the commands that need packages are: beside this file, unless it was bundled without them. */

import { dependencies } from "../../package.json";
import { ImmuconfigError } from "../base/errors.ts";
import { systemCode } from "../base/fs_errors.ts";

type DevelopmentCommands = typeof import("./development_commands.ts");

/** Loads the commands for development and takes one of them. */
export type Development = <Result>(
  take: (commands: DevelopmentCommands) => Promise<Result>,
) => Promise<Result>;

/** @throws ImmuconfigError `ERR_NOT_FOUND` where they, or a package that they need, are not there */
export const developmentBeside: Development = async (take) => {
  const extension = import.meta.path.endsWith(".ts") ? "ts" : "js";
  // Not a literal: a bundler would take them, and their packages, into every bundle of the command.
  const { href } = new URL(`./development_commands.${extension}`, import.meta.url);
  try {
    return await take((await import(href)) as DevelopmentCommands);
  } catch (cause) {
    throw missingModule(cause) ?? cause;
  }
};

function missingModule(cause: unknown): ImmuconfigError | undefined {
  if (systemCode(cause) !== "ERR_MODULE_NOT_FOUND") return undefined;
  const text = cause instanceof Error ? cause.message : String(cause);
  const name = /Cannot find package '([^']+)'/.exec(text)?.[1];
  const missing = name ?? Object.keys(dependencies).join(", ");
  return new ImmuconfigError(
    "ERR_NOT_FOUND",
    `this command needs packages that are not inside this program: ${missing}`,
    { hint: "Run it where immuconfig is installed: bun add --dev immuconfig", cause },
  );
}
