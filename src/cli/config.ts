#!/usr/bin/env bun
/** The entry point of the command line. */

import { isStartedClean } from "./clean_start.ts";
import { processHost } from "./host.ts";
import { main } from "./main.ts";

const words = process.argv.slice(2);
const exitCode = isStartedClean()
  ? main(words, processHost)
  : import("./restart.ts").then(({ restart }) => restart(words, processHost));
if (typeof exitCode === "number") process.exitCode = exitCode;
else void exitCode.then((code) => (process.exitCode = code));
