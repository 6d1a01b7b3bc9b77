#!/usr/bin/env bun
/** The entry point of the command line. */

import { fastGet } from "./commands/record/fast_get.ts";

const words = process.argv.slice(2);
const value = fastGet(words);
if (value === undefined) void import("./start.ts").then(({ start }) => start(words));
else console.log(value);
