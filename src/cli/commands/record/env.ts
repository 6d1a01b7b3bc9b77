import { valueError } from "../../../base/errors.ts";
import { fishQuoted, quote, shellQuoted } from "../../../base/text.ts";
import { basename, dirname } from "node:path";
import { unknownWord } from "../../args/arguments.ts";
import { PIN_VARIABLE, SETTER_VARIABLE } from "../../../runtime/children.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { childVariables, ownOptions } from "../../children/child_environment.ts";
import type { Command, Context } from "../../command.ts";
import { open, type OpenedFile } from "../../files/project_file.ts";
import { leaveInFish, leaveInSh, type LeaveScript } from "./leave_project.ts";
import { safeJson, safeText } from "../../output/safe_text.ts";

/** One line that sets a variable, in each shell's own quotes. */
const ASSIGN: Readonly<Record<string, (name: string, value: string) => string>> = {
  sh: (name, value) => `export ${name}=${shellQuoted(value)}`,
  fish: (name, value) => `set -gx ${name} ${fishQuoted(value)}`,
  // PowerShell takes typographic quotes for plain ones.
  powershell: (name, value) => `$env:${name} = '${value.replace(/['\u2018-\u201b]/g, "$&$&")}'`,
};

const SHELLS = [...Object.keys(ASSIGN), "json"];

export interface EnvRequest {
  /** Nothing for the one of `$SHELL`. */
  readonly shell: string | undefined;
}

export const envCommand: Command<EnvRequest> = {
  usage: [`[--shell ${SHELLS.join("|")}]`],
  options: {
    shell: { value: "SHELL", summary: "the syntax (default: that of $SHELL)" },
  },
  examples: [
    'eval "$(bun-config env)"                       # sh, bash, zsh, fish',
    "bun-config env --shell powershell | Out-String | Invoke-Expression",
    "bun-config env --json",
  ],
  parse(args) {
    args.exactly([]);
    const shell = args.value("shell");
    if (shell !== undefined && !SHELLS.includes(shell)) throw unknownWord("shell", shell, SHELLS);
    return { shell };
  },
  run(context, { shell = defaultShell(context.env["SHELL"]) }) {
    const isNamed = context.file !== undefined;
    // This process has ended before those that it would vouch for.
    const opened = open(context);
    const variables = Object.fromEntries(
      Object.entries(childVariables(context.env, opened, isNamed)).filter(
        ([name]) => name !== SETTER_VARIABLE,
      ),
    );
    if (shell !== "json") refuseControls(variables);
    const assign = ASSIGN[shell] ?? ((name, value) => JSON.stringify({ [name]: value }));
    const text =
      shell === "json"
        ? safeJson(JSON.stringify(variables))
        : [
            ...Object.entries(variables).map(([name, value]) => assign(name, value)),
            ...leaving(shell, opened, context),
          ].join("\n");
    context.out.program(variables, text);
  },
};

const LEAVE: Readonly<Record<string, LeaveScript>> = { sh: leaveInSh, fish: leaveInFish };

/** A file that was named holds wherever the shell goes; a project's ends with its folder. */
function leaving(shell: string, { path, file }: OpenedFile, context: Context): string[] {
  const { env } = context;
  const script = LEAVE[shell];
  const isNamed = context.file !== undefined || env["IMMUCONFIG_FILE"] !== undefined;
  if (script === undefined || isNamed) return [];
  const options = ownOptions(env["BUN_OPTIONS"], file);
  const before = {
    BUN_OPTIONS: options.length === 0 ? undefined : options.join(" "),
    [PIN_VARIABLE]: env[PIN_VARIABLE],
  };
  return [script(dirname(realFilePath(path)), before)];
}

/**
 * A shell takes what is quoted as it is, but a terminal that shows the line would obey it.
 *
 * @throws ImmuconfigError `ERR_VALUE`
 */
function refuseControls(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (safeText(value, false) === value) continue;
    throw valueError(
      `${name} would hold a control character: ${quote(value)}`,
      "Rename the folder, or take the variables from `bun-config env --json`.",
    );
  }
}

function defaultShell(path: string | undefined): string {
  const name = basename(path ?? "", ".exe");
  if (name === "fish") return "fish";
  return name === "pwsh" || name === "powershell" ? "powershell" : "sh";
}
