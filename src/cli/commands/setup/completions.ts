import { unknownWord } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { COMPLETION_SCRIPTS } from "./completion_scripts.ts";

type Shell = keyof typeof COMPLETION_SCRIPTS;

const SHELLS = Object.keys(COMPLETION_SCRIPTS);

export interface CompletionsRequest {
  readonly shell: Shell;
}

export const completionsCommand: Command<CompletionsRequest> = {
  usage: [SHELLS.join("|")],
  words: SHELLS,
  examples: [
    'eval "$(bun-config completions bash)"          # in ~/.bashrc',
    "bun-config completions fish > ~/.config/fish/completions/bun-config.fish",
  ],
  parse(args) {
    const [shell] = args.exactly(["SHELL"]);
    if (!isShell(shell)) throw unknownWord("shell", shell, SHELLS);
    return { shell };
  },
  async run(context, { shell }) {
    const { loadCommands } = await import("../../listing.ts");
    const script = COMPLETION_SCRIPTS[shell](await loadCommands(context));
    context.out.program({ shell, script }, script.trimEnd());
  },
};

function isShell(word: string): word is Shell {
  return Object.hasOwn(COMPLETION_SCRIPTS, word);
}
