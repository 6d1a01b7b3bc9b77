/** Asks before anything is trusted or signed. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { Context } from "../command.ts";
import { isAgreed } from "../prompt/agree.ts";

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
  if (await isAgreed(context, agreed, question)) return;
  throw new ImmuconfigError("ERR_KEY", "not agreed: nothing was changed");
}
