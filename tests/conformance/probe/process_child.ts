// The probe in Bun or Node: the module's path as the argument, the files as JSON on standard input.
import { readFileSync } from "node:fs";
import { probe } from "./probe.ts";

const wasm = new Uint8Array(readFileSync(process.argv[2] ?? ""));
const files = JSON.parse(readFileSync(0, "utf8")) as string[];
console.log(JSON.stringify(probe(wasm, files)));
