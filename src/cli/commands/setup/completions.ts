import { unknownWord } from "../../args/arguments.ts";
import type { Command } from "../../command.ts";
import { COMPLETION_SCRIPTS } from "./completion_scripts.ts";

type Shell = keyof typeof COMPLETION_SCRIPTS;

const SHELLS = Object.keys(COMPLETION_SCRIPTS);

export const completionsCommand: Command = {
  name: "completions",
  summary: "print a script that completes commands, options and flags",
  usage: [SHELLS.join("|")],
  words: SHELLS,
  examples: [
    'eval "$(bun-config completions bash)"          # in ~/.bashrc',
    "bun-config completions fish > ~/.config/fish/completions/bun-config.fish",
  ],
  async run(context, args) {
    const [shell] = args.exactly(["SHELL"]);
    if (!isShell(shell)) throw unknownWord("shell", shell, SHELLS);
    const { COMMANDS } = await import("../../table.ts");
    const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
    const script = COMPLETION_SCRIPTS[shell](commands);
    context.out.data({ shell, script }, script.trimEnd());
  },
};

function isShell(word: string): word is Shell {
  return Object.hasOwn(COMPLETION_SCRIPTS, word);
}
