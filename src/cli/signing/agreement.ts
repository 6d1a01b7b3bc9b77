/** Asks before anything is trusted or signed. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { Context } from "../command.ts";

/**
 * Shows what is asked for and waits for a yes.
 *
 * @param agreed the user said so on the command line
 * @throws ImmuconfigError `ERR_USAGE` where nobody can be asked; `ERR_KEY` for a no
 */
export async function requireAgreement(
  context: Context,
  text: string,
  question: string,
  agreed: boolean,
): Promise<void> {
  context.out.note(text);
  if (agreed) return;
  if (!context.interactive || context.out.json) {
    throw new ImmuconfigError(
      "ERR_USAGE",
      "this is asked first, and there is no terminal to ask on",
      {
        hint: "Run it on a terminal, or add --yes once you have read what it says.",
      },
    );
  }
  if (await context.confirm(question)) return;
  throw new ImmuconfigError("ERR_KEY", "not agreed: nothing was changed");
}
