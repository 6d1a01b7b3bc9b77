// A writer: adds COUNT to the number that flag INDEX of FILE carries as its description, one write
// at a time. Prints `ready`, waits for a line on its standard input when told to, and ends with one
// line of JSON.
//
// Usage, of Bun or Node: change.ts FILE [INDEX] [COUNT] [--wait]

import { once } from "node:events";
import { ImmuconfigError } from "../../../src/base/errors.ts";
import { updateFile } from "../../../src/store/update.ts";
import { verifiedReader } from "../../../src/trust/verified.ts";

const [path = "", index = "0", count = "1", wait] = process.argv.slice(2);
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
  if (wait === "--wait") {
    console.log("ready");
    await once(process.stdin, "data");
    process.stdin.unref();
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
