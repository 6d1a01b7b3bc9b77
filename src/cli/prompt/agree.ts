/** Whether the user agrees to what a command is about to do. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { Context } from "../command.ts";

/**
 * @param yes agreed beforehand, by `--yes`
 * @param question without its `[y/N]`
 * @throws ImmuconfigError `ERR_USAGE` where nobody can be asked
 */
export async function isAgreed(context: Context, yes: boolean, question: string): Promise<boolean> {
  if (yes) return true;
  if (context.interactive && !context.out.json) return context.confirm(question);
  throw new ImmuconfigError("ERR_USAGE", `nobody is there to answer: ${question}`, {
    hint: "Run it on a terminal, or add --yes once you have read what it says.",
  });
}

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
