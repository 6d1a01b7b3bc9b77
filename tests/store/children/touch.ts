// Reads FILE, then changes it; prints how each ended, as JSON.

import { ImmuconfigError } from "../../../src/base/errors.ts";
import { updateFile } from "../../../src/store/update.ts";
import { readConfigFile, verifiedReader } from "../../../src/trust/verified.ts";

const path = process.argv[2] ?? "";

async function outcome(action: () => unknown): Promise<string> {
  try {
    await action();
    return "done";
  } catch (error) {
    if (!(error instanceof ImmuconfigError)) throw error;
    return `${error.code}: ${error.message}`;
  }
}

const read = await outcome(() => readConfigFile(path, {}));
const change = await outcome(() =>
  updateFile(path, (file) => ({ ...file, frozen: true }), { read: verifiedReader({}) }),
);
console.log(JSON.stringify({ read, change }));
