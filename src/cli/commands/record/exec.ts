import { usageError } from "../../args/arguments.ts";
import { runningBun } from "../../../base/bun_version.ts";
import { requireMinimumBun } from "../../../base/version.ts";
import { childVariables } from "../../children/child_environment.ts";
import { ImmuconfigError } from "../../../base/errors.ts";
import type { PtyOptions } from "../../terminal/pty.ts";
import type { Command, Context } from "../../command.ts";
import { startEnvironment } from "../../../base/start_environment.ts";
import { open, type OpenedFile } from "../../files/project_file.ts";
import { reportUnrunnable, runChild } from "../../children/run_child.ts";

export interface ExecRequest {
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly pty: boolean;
}

export const execCommand: Command<ExecRequest> = {
  usage: ["[--pty] -- COMMAND [ARGUMENT…]"],
  passesThrough: true,
  options: {
    pty: { summary: "in a pseudo-terminal of the record's rows, columns and mode" },
  },
  examples: [
    "bun-config exec -- bun build ./app.ts --outdir dist",
    "bun-config exec -- bun test",
    "bun-config exec --pty -- stty size        # the record's, in every terminal",
    "bun-config exec -- sh -c 'bun run build && bun run start'",
  ],
  parse(args) {
    if (args.operands.length === 0) {
      throw usageError("expected a COMMAND", "Write it after two dashes: -- bun test");
    }
    return { command: args.operands, pty: args.has("pty") };
  },
  run(context, { command, pty }) {
    const opened = open(context);
    requireMinimumBun(runningBun(), opened.file.meta.bun?.minimum);
    const isNamed = context.file !== undefined;
    const inherited = startEnvironment(context.env, context.cwd);
    const env = { ...inherited, ...childVariables(inherited, opened, isNamed) };
    const where = { cwd: context.cwd, env };
    if (pty) return runInTerminal(context, command, { ...where, ...opened });
    return runChild(command, { ...where, out: context.out });
  },
};

/** In a pseudo-terminal of the record that the command runs with: the pinned one, or the file's. */
async function runInTerminal(
  { out }: Context,
  command: readonly string[],
  { cwd, env, file, pin }: OpenedFile & Pick<PtyOptions, "cwd" | "env">,
): Promise<number> {
  const { runInPty } = await import("../../terminal/pty.ts");
  const { rows, cols, terminalMode: mode } = pin?.record ?? file.record;
  try {
    return await runInPty(command, { cwd, env, rows, cols, mode });
  } catch (error) {
    if (error instanceof ImmuconfigError) throw error;
    return reportUnrunnable(command[0] ?? "", error, out);
  }
}
