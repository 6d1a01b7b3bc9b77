// A service that says what it sees: once when it starts, and then for every line of its input.
import { live } from "../../../src/live/index.ts";

const say = (): boolean => process.stdout.write(`${JSON.stringify({ ...live.features })}\n`);
say();
for await (const _ of console) say();
process.exit();
