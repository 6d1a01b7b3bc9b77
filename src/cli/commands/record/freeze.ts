import { setFrozen } from "../../../format/edit/set_fields.ts";
import type { Command, Context } from "../../command.ts";
import { formatDuration } from "../../../base/units.ts";
import { change } from "../../files/change_file.ts";

export const freezeCommand: Command<void> = {
  usage: [""],
  examples: ["bun-config freeze"],
  parse: (args) => void args.exactly([]),
  run: (context) => setState(context, true),
};

export const thawCommand: Command<void> = {
  usage: [""],
  examples: ["bun-config thaw"],
  parse: (args) => void args.exactly([]),
  run: (context) => setState(context, false),
};

async function setState(context: Context, frozen: boolean): Promise<void> {
  const update = await change(context, setFrozen(frozen), { allowFrozen: true });
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
