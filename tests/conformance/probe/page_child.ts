// The probe in a page, which fetches the module and the files from its own server.
import { probe } from "./probe.ts";

const wasm = await fetch("/immuconfig.wasm");
const files = await fetch("/files.json");
const result = probe(new Uint8Array(await wasm.arrayBuffer()), (await files.json()) as string[]);
Object.assign(globalThis, { probed: JSON.stringify(result) });
