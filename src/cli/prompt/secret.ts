/** Asks the user for a secret on the terminal: what is typed is not shown. */

import { ImmuconfigError } from "../../base/errors.ts";
import { safeText } from "../output/safe_text.ts";

const SECRET_SIZE_MAX = 1024;
const ENTER = new Set(["\r", "\n"]);
const INTERRUPT = "\u0003";
const END = "\u0004";
const ERASE = new Set(["\u007f", "\b"]);

/**
 * @param question printed before it
 * @throws ImmuconfigError `ERR_KEY` when the user gives up
 */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // Before the question: a quick answer must not be shown either.
  stdin.setRawMode(true);
  stderr.write(safeText(question, true));
  stdin.setEncoding("utf8");
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = "";
      const give = (act: () => void): void => {
        stdin.off("data", take);
        act();
      };
      const take = (chunk: string): void => {
        for (const character of chunk) {
          if (ENTER.has(character)) return give(() => resolve(typed));
          if (character === INTERRUPT || character === END) return give(() => reject(givenUp()));
          typed = ERASE.has(character)
            ? Array.from(typed).slice(0, -1).join("")
            : typed + character;
          if (typed.length > SECRET_SIZE_MAX) return give(() => reject(givenUp()));
        }
      };
      stdin.on("data", take);
      stdin.once("end", () => reject(givenUp()));
      stdin.resume();
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function givenUp(): ImmuconfigError {
  return new ImmuconfigError("ERR_KEY", "no passphrase was given", {
    hint: "Nothing was changed.",
  });
}
