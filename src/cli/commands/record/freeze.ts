import { setFrozen } from "../../../format/edit/set_fields.ts";
import type { CommandArguments } from "../../args/arguments.ts";
import type { Command, Context } from "../../command.ts";
import { formatDuration } from "../../output/output.ts";
import { change } from "../../files/project_file.ts";

export const freezeCommand: Command = {
  name: "freeze",
  summary: "refuse every change until thaw",
  usage: [""],
  examples: ["bun-config freeze"],
  run: (context, args) => setState(context, args, true),
};

export const thawCommand: Command = {
  name: "thaw",
  summary: "allow changes again",
  usage: [""],
  examples: ["bun-config thaw"],
  run: (context, args) => setState(context, args, false),
};

async function setState(context: Context, args: CommandArguments, frozen: boolean): Promise<void> {
  args.exactly([]);
  const update = await change(context, args, setFrozen(frozen), { allowFrozen: true });
  const { path, before, after, nanoseconds } = update;
  const changed = before !== after;
  const state = frozen ? "frozen" : "not frozen";
  context.out.done(
    { file: path, frozen, changed, generation: after.generation, nanoseconds },
    changed
      ? `${path} is ${state} now (${formatDuration(nanoseconds)}, durable)`
      : `${path} is ${state} already`,
  );
}
