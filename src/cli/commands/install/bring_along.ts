/** After a registry was pinned: the offer to let a plain `bun install` ask it, too. */

import { dirname, join } from "node:path";
import { ImmuconfigError } from "../../../base/errors.ts";
import type { File } from "../../../format/file.ts";
import { registriesInForce } from "../../../registry/in_force.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { registryDrift } from "../../../trust/gate/checks.ts";
import type { Context } from "../../command.ts";
import { readText, writeText } from "../../files/text_file.ts";
import { withRegistries } from "./bunfig_registries.ts";

/**
 * @param path of the record
 * @param agreed the user said so on the command line
 */
export async function bringAlong(
  context: Context,
  path: string,
  { meta }: File,
  agreed: boolean,
): Promise<void> {
  const folder = dirname(realFilePath(path));
  const pinned = meta.registries ?? {};
  const drift = (): string[] => {
    try {
      return registryDrift(registriesInForce(context, folder, true), pinned);
    } catch (error) {
      // The record is written: a file that Bun cannot read either is told, and does not undo that.
      if (!(error instanceof ImmuconfigError)) throw error;
      context.out.note(`note: ${error.message}`);
      return [];
    }
  };
  const before = drift();
  if (before.length === 0) return;
  context.out.note(`a plain bun install asks elsewhere:\n${before.join("\n")}`);
  const bunfig = join(folder, "bunfig.toml");
  const isWanted =
    agreed || (context.interactive && (await context.confirm(`Write it into ${bunfig}?`)));
  if (!isWanted) {
    context.out.note("note: --bunfig writes it into bunfig.toml as well");
    return;
  }
  const text = readText(bunfig);
  const edited = withRegistries(text, pinned);
  if (edited === undefined) {
    context.out.note(`note: ${bunfig} cannot be edited safely: set the registry by hand`);
    return;
  }
  await writeText(bunfig, edited, text);
  const after = drift();
  if (after.length > 0) context.out.note(`note: something else still wins:\n${after.join("\n")}`);
}
