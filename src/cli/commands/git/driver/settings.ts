/** What git is told about the file, in the settings and the own folder of a repository. Pure. */

import { shellWord } from "../../../../base/text.ts";
import { CLEAN_OPTIONS } from "../../../clean_start.ts";
import { driverProgram } from "./program.macro.ts" with { type: "macro" };

/** The name under which .gitattributes and the settings refer to the drivers. */
export const DRIVER = "immuconfig";

/** The sections of a clone's settings that are ours. */
export const SECTIONS = [`diff.${DRIVER}`, `merge.${DRIVER}`] as const;

/** Our folder in the repository's own, which no branch can change. */
export const DRIVER_FOLDER = "immuconfig";

/** The file of it that git runs. */
export const DRIVER_SCRIPT = "driver";

/** What is said where the driver is there and nothing may run it. */
export const STUCK =
  "there is no Bun or Node outside the work tree, and git runs nothing inside it, because a branch could bring it: until one is on the PATH, git shows and merges the file as it does alone";

/**
 * Git runs these words in a shell. They name no folder of this machine: the driver is found in the
 * repository that git is at work in, and where it is gone, git goes on as it would alone.
 */
const START = `d="$(git rev-parse --git-common-dir)/${DRIVER_FOLDER}/driver"; if test -f "$d"; then sh "$d"`;

/** The settings by name. */
export const SETTINGS: Readonly<Record<string, string>> = {
  // Not cached: git would commit the cache, and `git diff` would fail where it knows no author.
  [`diff.${DRIVER}.textconv`]: `f() { ${START} textconv "$@"; else echo "git-blob $(git hash-object --no-filters -- "$1")"; fi; }; f`,
  [`merge.${DRIVER}.name`]: "join flags and fields",
  [`merge.${DRIVER}.driver`]: `f() { ${START} merge "$@"; else git merge-file -q "$2" "$1" "$3" 2>/dev/null || return 1; fi; }; f %O %A %B %P`,
};

/**
 * The files of our folder by name.
 *
 * @param runtime the Bun or Node that runs this program; undefined where none is known
 */
export function driverFiles(runtime: string | undefined): Readonly<Record<string, string>> {
  return { [DRIVER_SCRIPT]: driverScript(runtime), "driver.mjs": driverProgram() };
}

/** Whether a text is the driver of this release, naming one of these programs or none. */
export function isDriver(text: string | undefined, runtimes: readonly string[]): boolean {
  return [undefined, ...runtimes].some((runtime) => text === driverScript(runtime));
}

/**
 * Nothing that lies in a work tree is run: a branch could bring it. Of a program that is not there
 * any more, or breaks, the next one takes the place; at the end, git goes on as it would alone.
 */
function driverScript(runtime: string | undefined): string {
  return `#!/bin/sh
# Written by \`bun-config git-setup\`, which writes it again.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 1
common=$(dirname "$here")
tree=$(git rev-parse --show-toplevel 2>/dev/null)
main=$tree
case $common in */.git) main=\${common%/.git} ;; esac

# Prints a program's real path, unless it lies in a work tree of this repository.
outside() {
  test -n "$1" && test -f "$1" && test -x "$1" || return 1
  folder=$(cd "$(dirname "$1")" 2>/dev/null && pwd -P) || return 1
  path=$folder/$(basename "$1")
  real=$(readlink -f "$path" 2>/dev/null) || real=$path
  for each in "$path" "$real"; do
    for root in "$tree" "$main"; do
      test -n "$root" || continue
      case $each in "\${root%/}"/*) return 1 ;; esac
    done
  done
  printf '%s\\n' "$path"
}

# Runs the driver by the first program that can; 2 means none.
run() {
  for program in ${runtime === undefined ? "" : `${shellWord(runtime)} `}"$(command -v bun)" "$HOME/.bun/bin/bun" "$(command -v node)"; do
    program=$(outside "$program") || continue
    case \${program##*/} in
      node*) "$program" "$here/driver.mjs" "$@" ;;
      *) BUN_BE_BUN=1 "$program" ${CLEAN_OPTIONS.join(" ")} "$here/driver.mjs" "$@" ;;
    esac
    status=$?
    test $status -le 1 && return $status
  done
  return 2
}

case $1 in
  textconv)
    text=$(run "$@" 2>/dev/null) && printf '%s\\n' "$text" && exit 0
    echo "git-blob $(git hash-object --no-filters -- "$2")"
    ;;
  merge)
    run "$@"
    status=$?
    test $status -le 1 && exit $status
    echo "$5: there is no Bun outside the work tree to join it; bun-config resolve does" >&2
    git merge-file -q "$3" "$2" "$4" 2>/dev/null || exit 1
    ;;
esac
`;
}
