/** The project's record without the store and the codec. */

import type { RecordView } from "../../bundle/record/record_view.ts";
import { inheritedPin } from "../../runtime/pin_variable.ts";
import { quickView } from "../../runtime/quick_view.ts";

/**
 * @param lib the folder `lib/` of the package
 * @param named the value of `--file`
 * @returns nothing when the store and the codec must look at it
 */
export function quickRecord(lib: string, named: string | undefined): RecordView | undefined {
  const { env } = process;
  return quickView(env, inheritedPin(env), lib, named);
}
