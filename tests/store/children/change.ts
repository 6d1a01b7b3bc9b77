// A writer: adds COUNT to the number that flag INDEX of FILE carries as its description, one write
// at a time. Prints `ready`, waits until START is there where it is named, and ends with one
// line of JSON.
//
// Usage, of Bun or Node: change.ts FILE [INDEX] [COUNT] [START]

import { existsSync } from "node:fs";
import { ImmuconfigError } from "../../../src/base/errors.ts";
import { sleep } from "../../../src/base/sleep.ts";
import { updateFile } from "../../../src/store/update.ts";
import { verifiedReader } from "../../../src/trust/verified.ts";

/** Milliseconds between two looks for the file that starts all. */
const POLL_MS = 5;

const [path = "", index = "0", count = "1", start] = process.argv.slice(2);
const name = `F${index}`;

async function addOne(): Promise<number> {
  const { after } = await updateFile(
    path,
    (file) => {
      const flags = file.meta.flags ?? {};
      const number = Number(flags[name]?.description ?? "0") + 1;
      const flag = { ...flags[name], description: String(number) };
      return { ...file, meta: { ...file.meta, flags: { ...flags, [name]: flag } } };
    },
    { read: verifiedReader({}) },
  );
  return after.generation;
}

try {
  if (start !== undefined) {
    console.log("ready");
    while (!existsSync(start)) await sleep(POLL_MS);
  }
  let generation = 0;
  for (let i = 0; i < Number(count); i++) generation = await addOne();
  console.log(JSON.stringify({ generation }));
} catch (error) {
  if (!(error instanceof ImmuconfigError)) throw error;
  const { code, message, hint } = error;
  console.log(JSON.stringify({ code, message, hint }));
  process.exitCode = 1;
}
