import { fishQuoted, shellQuoted } from "../../../base/text.ts";
import { basename } from "node:path";
import { unknownWord } from "../../args/arguments.ts";
import { childVariables } from "../../children/child_environment.ts";
import type { Command } from "../../command.ts";
import { open } from "../../files/project_file.ts";

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
    shell: { type: "string", value: "SHELL", summary: "the syntax (default: that of $SHELL)" },
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
    const variables = childVariables(context.env, open(context), isNamed);
    const assign = ASSIGN[shell] ?? ((name, value) => JSON.stringify({ [name]: value }));
    const text =
      shell === "json"
        ? JSON.stringify(variables)
        : Object.entries(variables)
            .map(([name, value]) => assign(name, value))
            .join("\n");
    context.out.data(variables, text);
  },
};

function defaultShell(path: string | undefined): string {
  const name = basename(path ?? "", ".exe");
  if (name === "fish") return "fish";
  return name === "pwsh" || name === "powershell" ? "powershell" : "sh";
}
