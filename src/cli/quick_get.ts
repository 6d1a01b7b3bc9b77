/**
 * `get FIELD`, answered by the native library, for scripts that ask for one value after another.
 * Few and plain functions: each that runs for the first time slows the start down.
 */

import { PIN_VARIABLE } from "../runtime/children.ts";
import { processState } from "../runtime/process_state.ts";
import { fastRead } from "../runtime/fast_read.ts";
import { fieldText, readField } from "./commands/record/record_fields.ts";

/**
 * What `bun-config get FIELD [--file PATH] [--json]` prints.
 *
 * @param argv of the process
 * @returns nothing when the command itself must answer: every other line, what it would refuse, and
 * where the library cannot say
 */
export function quickGet(argv: readonly string[]): string | undefined {
  const field = argv[3];
  if (argv[2] !== "get" || field === undefined || field.startsWith("-")) return undefined;
  let json = false;
  let file: string | undefined;
  for (let i = 4; i < argv.length; i++) {
    if (argv[i] === "--json") {
      json = true;
    } else if (argv[i] === "--file" && file === undefined) {
      file = argv[++i] ?? "";
      // Nothing, or an option.
      if (file === "" || file.startsWith("-")) return undefined;
    } else {
      return undefined;
    }
  }
  // A preload has set this process's own pin, which binds its children and not this command.
  if (processState().inheritedPin !== undefined) return undefined;
  const { env } = process;
  const view = fastRead(env, env[PIN_VARIABLE], file);
  if (view === undefined) return undefined;
  const { config } = view;
  // The commonest fields need no further function.
  const value =
    field === "version" || field === "record"
      ? config[field]
      : readField(field, config, view.frozen);
  if (value === undefined) return undefined;
  if (json) return JSON.stringify(value);
  return typeof value === "object" ? fieldText(value) : String(value);
}
