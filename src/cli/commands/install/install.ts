import { rmSync } from "node:fs";
import { makeTemporaryFolder } from "../../../base/temporary_folder.ts";
import { requireTreesAsPacked } from "../../../trust/gate/strict.ts";
import type { Command } from "../../command.ts";
import { checkBefore, installFrozen, openGate } from "./gate.ts";

export interface InstallRequest {
  /** For Bun. */
  readonly words: readonly string[];
  readonly strict: boolean;
}

/** `install` and `ci` are one: what is installed is what is locked. */
export const installCommand: Command<InstallRequest> = {
  usage: ["[--strict] [OPTIONS OF BUN INSTALL]"],
  forwards: true,
  options: {
    strict: { summary: "download everything anew, and compare the installed files with it" },
  },
  examples: [
    "bun-config install",
    "bun-config install --production",
    "bun-config ci --strict --ignore-scripts",
  ],
  parse: (args) => ({ words: args.operands, strict: args.has("strict") }),
  async run(context, { words, strict }) {
    const gate = openGate(context, words);
    const project = checkBefore(gate, words);
    if (!strict) return installFrozen(gate, project, words);
    const cache = makeTemporaryFolder("cache");
    try {
      const exitCode = await installFrozen(gate, project, ["--force", ...words], cache);
      if (exitCode === 0) requireTreesAsPacked(project, cache);
      return exitCode;
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  },
};
