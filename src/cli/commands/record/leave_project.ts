/**
 * What a shell evaluates beside the variables of `env`: outside of the project they go. `BUN_OPTIONS`
 * would switch on the flags of the next project that have the same names.
 */

import { fishQuoted, shellQuoted } from "../../../base/text.ts";

/** The variables as they were, by name; undefined for one that was not there. */
export type Before = Readonly<Record<string, string | undefined>>;

/** @param root the project's folder, without symbolic links */
export type LeaveScript = (root: string, before: Before) => string;

/** For sh, bash and zsh: `cd` looks where it has led; zsh has a hook for that, and bash another. */
export function leaveInSh(root: string, before: Before): string {
  const restore = Object.entries(before).map(([name, value]) =>
    value === undefined ? `  unset ${name}` : `  export ${name}=${shellQuoted(value)}`,
  );
  return [
    "_immuconfig_leave() {",
    `  case "$(command pwd -P)/" in ${shellQuoted(root)}/*) return 0 ;; esac`,
    ...restore,
    `  if [ -z "\${ZSH_VERSION-}" ]; then unset -f cd; fi`,
    "  _immuconfig_leave() { :; }",
    "}",
    `if [ -n "\${ZSH_VERSION-}" ]; then`,
    "  eval 'chpwd_functions+=(_immuconfig_leave)'",
    "else",
    // Somebody's own stays.
    '  case "$(command -V cd)" in *function*) ;; *)',
    '    cd() { command cd "$@" && _immuconfig_leave; } ;;',
    "  esac",
    `  if [ -n "\${BASH_VERSION-}" ]; then PROMPT_COMMAND="_immuconfig_leave\${PROMPT_COMMAND:+;$PROMPT_COMMAND}"; fi`,
    "fi",
  ].join("\n");
}

export function leaveInFish(root: string, before: Before): string {
  const start = fishQuoted(`${root}/`);
  const restore = Object.entries(before).map(([name, value]) =>
    value === undefined ? `  set -e ${name}` : `  set -gx ${name} ${fishQuoted(value)}`,
  );
  return [
    "function _immuconfig_leave --on-variable PWD",
    `  test (string sub -l (string length -- ${start}) -- (pwd -P)/) = ${start}; and return`,
    ...restore,
    "  functions -e _immuconfig_leave",
    "end",
  ].join("\n");
}
