/** What is told of a `.env` is what Bun takes from it; what may mean something else is refused. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { parseDotenv } from "../../src/registry/dotenv.ts";
import { SEED } from "../support/properties.ts";
import { Random } from "../support/random.ts";
import { BUN } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const NAME = "BUN_CONFIG_REGISTRY";

/** `null` where nothing sets it, `"refused"` where that cannot be told. */
function told(text: string): string | null {
  try {
    return parseDotenv(text, [NAME], ".env").get(NAME) ?? null;
  } catch (error) {
    if (error instanceof ImmuconfigError && error.code === "ERR_VALUE") return "refused";
    throw error;
  }
}

/** What Bun has put into its environment. */
function takenByBun(text: string): string | null {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, ".env"), text);
  const words = ["-p", `JSON.stringify(process.env.${NAME} ?? null)`];
  const { stdout } = Bun.spawnSync([BUN, ...words], { cwd, env: { PATH: "/usr/bin:/bin" } });
  return JSON.parse(stdout.toString());
}

describe("a file that hides from a reader by lines what Bun sees", () => {
  test.each([
    [`${NAME}\n=a`, "refused", "a"],
    [`${NAME}\r\n\n \t= a`, "refused", "a"],
    [`export ${NAME}\n=a`, "refused", "a"],
    [`${NAME}=\n'a'`, "refused", "a"],
    [`${NAME}=\n\n  "a"`, "refused", "a"],
    [`${NAME}:\na`, "refused", "a"],
    [`${NAME}=a\u2028b`, "refused", "a\u2028b"],
    [`${NAME}=a\u00a0`, "refused", "a\u00a0"],
    [`${NAME}:a`, "refused", null],
    [`"\n${NAME}=a\n"`, "refused", "a"],
    [`A=\n"\n${NAME}=a\n"`, "refused", null],
    [`\u00a0${NAME}=a`, null, null],
    [`${NAME}: a`, "a", "a"],
    [`${NAME}\v= a`, "a", "a"],
    [`A='\n${NAME}=a\n'`, null, null],
    [`# "\n${NAME}=a`, "a", "a"],
  ])("%j is %j", (text, expected, bun) => {
    expect({ told: told(text), bun: takenByBun(text) }).toEqual({ told: expected, bun });
  });
});

const PIECES = [
  NAME,
  `${NAME}=`,
  `${NAME}=https://a.test\n`,
  "export ",
  "A",
  "A='\n",
  "B=1\n",
  "https://b.test",
  "\r\n",
].concat(Array.from("=::\n\n\r \t'\"`#\\$?.-_\ufeff\u00a0\u2028\v\f\u00e9"));

test("what is told of any file is what Bun takes from it", () => {
  const random = new Random(SEED);
  for (let count = 0; count < 60;) {
    const length = 1 + random.below(12);
    const text = Array.from({ length }, () => random.pick(PIECES)).join("");
    const found = told(text);
    if (found === "refused" || !text.includes(NAME)) continue;
    count++;
    expect([text, found]).toEqual([text, takenByBun(text)]);
  }
});
