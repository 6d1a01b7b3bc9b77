#!/usr/bin/env bun
/** The entry point of `bun-config`. */

import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2));
