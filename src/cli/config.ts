#!/usr/bin/env bun
/** The entry point of `bun-config`. */

import { processHost } from "./host.ts";
import { main } from "./main.ts";

const exitCode = main(process.argv.slice(2), processHost);
if (typeof exitCode === "number") process.exitCode = exitCode;
else void exitCode.then((code) => (process.exitCode = code));
