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
