import { usageError } from "../arguments.ts";
import { childVariables, requireMinimumBun } from "../child_environment.ts";
import type { Command } from "../command.ts";
import { inheritedEnvironment } from "../inherited_environment.ts";
import { open } from "../project_file.ts";
import { runChild } from "../run_child.ts";

export const execCommand: Command = {
  name: "exec",
  summary: "run a command with the enabled flags and the spawn pin",
  usage: ["-- COMMAND [ARGUMENT…]"],
  passesThrough: true,
  examples: [
    "bun-config exec -- bun build ./app.ts --outdir dist",
    "bun-config exec -- bun test",
    "bun-config exec -- sh -c 'bun run build && bun run start'",
  ],
  run(context, args) {
    if (args.operands.length === 0) {
      throw usageError("expected a COMMAND", "Write it after two dashes: -- bun test");
    }
    const opened = open(context, args);
    requireMinimumBun(opened.file, Bun.version);
    const isNamed = args.value("file") !== undefined;
    const inherited = inheritedEnvironment(context.env);
    const env = { ...inherited, ...childVariables(inherited, opened, isNamed) };
    return runChild(args.operands, { cwd: context.cwd, env, out: context.out });
  },
};
