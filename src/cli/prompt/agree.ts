/** Nothing that asks first happens without a yes. */

import { ImmuconfigError } from "../../base/errors.ts";
import type { Context } from "../command.ts";

/**
 * Waits for a yes.
 *
 * @param yes agreed beforehand, by `--yes`
 * @param question without its `[y/N]`
 * @throws ImmuconfigError `ERR_USAGE` where nobody can be asked; `ERR_DECLINED` for a no
 */
export async function requireYes(context: Context, yes: boolean, question: string): Promise<void> {
  if (yes) return;
  if (!context.interactive || context.out.json) {
    throw new ImmuconfigError("ERR_USAGE", `nobody is there to answer: ${question}`, {
      hint: "Run it on a terminal, or add --yes once you have read what it says.",
    });
  }
  if (await context.confirm(question)) return;
  throw new ImmuconfigError("ERR_DECLINED", "not agreed: nothing was changed");
}

/**
 * Shows what is asked for and waits for a yes.
 *
 * @param agreed the user said so on the command line
 * @throws ImmuconfigError `ERR_USAGE` where nobody can be asked; `ERR_DECLINED` for a no
 */
export async function requireAgreement(
  context: Context,
  text: string,
  question: string,
  agreed: boolean,
): Promise<void> {
  context.out.note(text);
  await requireYes(context, agreed, question);
}
