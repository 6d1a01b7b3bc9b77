#!/usr/bin/env bun
/**
 * The entry point of `bun-config`. No await and no async function stand here: they would slow down
 * every start, also that of a line which is answered already.
 */

import { quickGet } from "./quick_get.ts";

const text = quickGet(process.argv);
if (text === undefined) {
  void import("./frequent_commands.ts").then(({ runCommand }) => runCommand(process.argv.slice(2)));
} else {
  console.log(text);
}
