/** What a child process needs in its environment to run on the project's record. */

import type { Environment } from "../../base/environment.ts";
import type { File } from "../../format/file.ts";
import { recordToText } from "../../format/record.ts";
import { PIN_VARIABLE, SETTER_VARIABLE } from "../../runtime/children.ts";
import { pinForChildren } from "../../runtime/pin.ts";
import { featureStates } from "../../runtime/snapshot.ts";
import type { OpenedFile } from "../files/project_file.ts";

/** Words of `BUN_OPTIONS`: quotes keep a word together. */
const WORD = /(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g;

/**
 * The variables to set, by name; all others stay as they are.
 *
 * @param env with `IMMUCONFIG_PIN` as a parent process set it
 * @param isNamed the file was named with `--file`, so that a child would not find it by itself
 * @throws ImmuconfigError `ERR_PIN`
 */
export function childVariables(
  env: Environment,
  { path, file, pin }: OpenedFile,
  isNamed: boolean,
): Record<string, string> {
  const record = pin?.record ?? file.record;
  const states = featureStates(file, record.featureFlags);
  const enabled = Object.keys(states).filter((name) => states[name] === true);
  const options = bunOptions(env["BUN_OPTIONS"], file, enabled);
  const pins = pinForChildren(env, path, recordToText(record), pin);
  return {
    ...(options === undefined ? {} : { BUN_OPTIONS: options }),
    ...(pins === undefined ? {} : { [PIN_VARIABLE]: pins.text, [SETTER_VARIABLE]: pins.setters }),
    ...(isNamed ? { IMMUCONFIG_FILE: path } : {}),
  };
}

/**
 * The user's own options, then the enabled flags.
 *
 * @returns undefined when the variable is not set and need not be
 */
function bunOptions(
  existing: string | undefined,
  file: File,
  enabled: readonly string[],
): string | undefined {
  const all = [...ownOptions(existing, file), ...enabled.map((name) => `--feature=${name}`)];
  return all.length === 0 && existing === undefined ? undefined : all.join(" ");
}

/**
 * The words of `BUN_OPTIONS` but for what an earlier environment of ours said about the file's flags:
 * a flag may be off by now.
 */
export function ownOptions(existing: string | undefined, file: File): string[] {
  const known = new Set(file.flags.map(({ name }) => name));
  const words = existing?.match(WORD) ?? [];
  return words.filter((word, index) => {
    if (word === "--feature") return !known.has(words[index + 1] ?? "");
    if (words[index - 1] === "--feature") return !known.has(word);
    return !(word.startsWith("--feature=") && known.has(word.slice("--feature=".length)));
  });
}
