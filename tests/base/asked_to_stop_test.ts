import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { childEnd } from "../../src/base/child_end.ts";

const MODULE = join(import.meta.dirname, "../../src/base/asked_to_stop.ts");
/** Says when it can hear, then what it heard, and goes on all the same. */
const PROGRAM = `
  import { askedToStop } from ${JSON.stringify(MODULE)};
  askedToStop().addEventListener("abort", () => console.log("heard"));
  setInterval(() => undefined, 1000);
  console.log("ready");
`;

test.each([
  ["SIGINT", "SIGTERM"],
  ["SIGTERM", "SIGTERM"],
  ["SIGTERM", "SIGINT"],
] as const)("is told of %s, and ended by the next one, %s", async (first, second) => {
  const child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = childEnd(child);
  const words: string[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const word of text.trim().split("\n")) {
      words.push(word);
      child.kill(word === "ready" ? first : second);
    }
  });
  expect((await ended).signalCode).toBe(second);
  expect(words).toEqual(["ready", "heard"]);
});
