/** Scripts that teach a shell to complete the words of `bun-config`. Pure. */

import { fishQuoted, shellQuoted } from "../../../base/text.ts";
import { GLOBAL_OPTIONS, type OptionSpec } from "../../args/words.ts";
import type { ListedCommand } from "../../listing.ts";

/** Option values of these kinds are names of files. */
const FILE_VALUES: ReadonlySet<string | undefined> = new Set(["PATH", "FILE"]);

/** Prints the flags of the project at hand, one a line: the first word is the name. */
const LIST_FLAGS = "get features --no-color";

export const COMPLETION_SCRIPTS = { bash, zsh, fish } as const satisfies Record<
  string,
  (commands: readonly ListedCommand[]) => string
>;

function bash(commands: readonly ListedCommand[]): string {
  const choices = commands.map(({ name, words = [], flagPrefix }) => {
    const flags =
      flagPrefix === undefined
        ? ""
        : ` $(_bun_config_flags "\${COMP_WORDS[0]}" ${shellQuoted(flagPrefix)})`;
    return `    ${name}) words="${words.join(" ")}${flags}" ;;`;
  });
  return `# bun-config completions for bash: eval "$(bun-config completions bash)"
${FLAG_NAMES}
_bun_config_files() {
  local IFS=$'\\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "$1"))
}
_bun_config() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local command=\${COMP_WORDS[1]} words="" options=""
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W ${shellQuoted(firstWords(commands))} -- "$current"))
    return
  fi
  case $previous in
    ${pattern(commands, isFileOption)})
      _bun_config_files "$current"
      return ;;
    ${pattern(commands, isOtherValue)})
      return ;;
  esac
  case $command in
${optionCases(commands)}
  esac
  if [[ $current == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
    return
  fi
  case $command in
${choices.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case $command in
    ${fileCommands(commands)}) _bun_config_files "$current" ;;
  esac
}
complete -F _bun_config bun-config
`;
}

function zsh(commands: readonly ListedCommand[]): string {
  const choices = commands.map(({ name, words: own = [], flagPrefix }) => {
    const flags =
      flagPrefix === undefined ? "" : ` $(_bun_config_flags $words[1] ${shellQuoted(flagPrefix)})`;
    return `    ${name}) candidates=(${own.join(" ")}${flags}) ;;`;
  });
  const described = commands.map(({ name, summary }) => `    ${shellQuoted(`${name}:${summary}`)}`);
  return `#compdef bun-config
# bun-config completions for zsh: eval "$(bun-config completions zsh)"
${FLAG_NAMES}
_bun_config() {
  local current=$words[CURRENT] previous=$words[CURRENT-1] options=""
  local -a candidates
  if (( CURRENT == 2 )); then
    candidates=(
${described.join("\n")}
    )
    _describe command candidates
    return
  fi
  case $previous in
    ${pattern(commands, isFileOption)})
      _files
      return ;;
    ${pattern(commands, isOtherValue)})
      return ;;
  esac
  case $words[2] in
${optionCases(commands)}
  esac
  if [[ $current == -* ]]; then
    compadd -- \${=options}
    return
  fi
  case $words[2] in
${choices.join("\n")}
  esac
  (( $#candidates )) && compadd -a candidates
  case $words[2] in
    ${fileCommands(commands)}) _files ;;
  esac
}
compdef _bun_config bun-config
`;
}

function fish(commands: readonly ListedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const { name, summary, options = {}, words = [], flagPrefix, takesFiles = false } = command;
    // Not __fish_seen_subcommand_from: a later word can be the name of a command, as in "live set".
    const inside = `-n '__bun_config_runs ${name}'`;
    const flags = `(bun-config ${LIST_FLAGS} 2>/dev/null | string replace -r ' .*' '' | string replace -r '^' ${shellQuoted(flagPrefix ?? "")})`;
    return [
      `complete -c bun-config -n __fish_use_subcommand -a ${name} -d ${fishQuoted(summary)}`,
      ...(words.length === 0 ? [] : [`complete -c bun-config ${inside} -a '${words.join(" ")}'`]),
      ...(flagPrefix === undefined
        ? []
        : [`complete -c bun-config ${inside} -a ${fishQuoted(flags)}`]),
      ...(takesFiles ? [`complete -c bun-config ${inside} -F`] : []),
      ...Object.entries(options).map(
        (entry) => `complete -c bun-config ${inside} ${fishOption(entry)}`,
      ),
    ];
  });
  const global = Object.entries(GLOBAL_OPTIONS).map(
    (entry) => `complete -c bun-config ${fishOption(entry)}`,
  );
  return [
    "# bun-config completions for fish: bun-config completions fish | source",
    "function __bun_config_runs",
    "  set -l words (commandline -opc)",
    '  test (count $words) -gt 1; and test "$words[2]" = "$argv[1]"',
    "end",
    "complete -c bun-config -f",
    ...global,
    ...lines,
    "",
  ].join("\n");
}

/** Shared by bash and zsh. */
const FLAG_NAMES = `_bun_config_flags() {
  local name state
  "$1" ${LIST_FLAGS} 2>/dev/null | while read -r name state; do printf '%s%s\\n' "$2" "$name"; done
}`;

function firstWords(commands: readonly ListedCommand[]): string {
  return [...commands.map(({ name }) => name), "help", "--help", "--version"].join(" ");
}

/** The commands that take names of files, as a pattern of `case`. */
function fileCommands(commands: readonly ListedCommand[]): string {
  return commands
    .filter(({ takesFiles = false }) => takesFiles)
    .map(({ name }) => name)
    .join("|");
}

function optionCases(commands: readonly ListedCommand[]): string {
  return commands
    .map(({ name, options = {} }) => {
      const names = Object.keys({ ...options, ...GLOBAL_OPTIONS });
      return `    ${name}) options="${names.map((option) => `--${option}`).join(" ")}" ;;`;
    })
    .join("\n");
}

function isFileOption({ value }: OptionSpec): boolean {
  return FILE_VALUES.has(value);
}

function isOtherValue(spec: OptionSpec): boolean {
  return spec.value !== undefined && !isFileOption(spec);
}

/** The options of all commands that fit, as a pattern of `case`. */
function pattern(commands: readonly ListedCommand[], fits: (spec: OptionSpec) => boolean): string {
  const names = new Set<string>();
  for (const options of [GLOBAL_OPTIONS, ...commands.map((command) => command.options ?? {})]) {
    for (const [name, spec] of Object.entries<OptionSpec>(options)) {
      if (fits(spec)) names.add(`--${name}`);
    }
  }
  return [...names].join("|");
}

function fishOption([name, spec]: [string, OptionSpec]): string {
  const short = spec.short === undefined ? "" : `-s ${spec.short} `;
  const value = isFileOption(spec) ? " -r -F" : isOtherValue(spec) ? " -x" : "";
  return `${short}-l ${name}${value} -d ${fishQuoted(spec.summary)}`;
}
