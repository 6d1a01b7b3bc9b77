import { buildZigBindings } from "./compile.ts";

/**
 * Compiles a Zig file while plain `bun build` bundles, which loads no plugins but runs macros.
 *
 * @param source path of the file, from the folder in which the bundler runs
 * @returns the WebAssembly module in base64, for `bindZig`
 * @throws ImmuconfigError as `buildZigModule`
 * @example
 * import { bindZig } from "immuconfig/zig-runtime";
 * import { zig } from "immuconfig/zig-macro" with { type: "macro" };
 * const registry = bindZig<{ murmur3(bytes: string, seed: number): number }>(zig("./registry.zig"));
 */
export function zig(source: string): string {
  // Bun waits for a macro's promise: what takes the call's place is the string.
  return compile(source) as unknown as string;
}

async function compile(source: string): Promise<string> {
  const { wasm } = await buildZigBindings(source);
  return Buffer.from(wasm).toString("base64");
}
