import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BunPlugin } from "bun";
import { buildZigBindings, type ZigOptions } from "./compile.ts";
import { describeZig } from "./runtime.ts";

/** src/zig_import/runtime.ts here, dist/zig_import/runtime.js in the package. */
const RUNTIME = ["runtime.ts", "runtime.js", "../zig/runtime.js"]
  .map((name) => join(import.meta.dirname, name))
  .find((path) => existsSync(path));

/**
 * Makes `import { murmur3 } from "./registry.zig"` work: in a Bun program through a preload, and
 * in `Bun.build`. Each public function of the file whose types can cross is exported, and each
 * constant that is a number or a boolean.
 *
 * An error of the compiler fails the import with Zig's messages, `file:line:column` first.
 *
 * @example
 * // preload.ts, named in bunfig.toml as preload = ["./preload.ts"]
 * import { plugin } from "bun";
 * import { zigPlugin } from "immuconfig/zig";
 * plugin(zigPlugin());
 * @example
 * await Bun.build({ entrypoints: ["app.ts"], outdir: "out", plugins: [zigPlugin()] });
 */
export function zigPlugin(options: ZigOptions = {}): BunPlugin {
  return {
    name: "immuconfig-zig",
    setup(build) {
      build.onLoad({ filter: /\.zig$/ }, async ({ path }) => {
        const { wasm } = await buildZigBindings(path, options);
        return { contents: moduleSource(wasm), loader: "js" };
      });
    },
  };
}

/** A JavaScript module that carries the compiled Zig and exports what it offers. */
function moduleSource(wasm: Uint8Array<ArrayBuffer>): string {
  const names = describeZig(wasm)
    .filter(({ skipped }) => skipped === undefined)
    .map(({ name }) => name);
  // Zig allows names that JavaScript does not; a list of aliases takes them all.
  const locals = names.map((name, i) => `const zig${i} = zig[${JSON.stringify(name)}];`);
  const exported = names.map((name, i) => `zig${i} as ${JSON.stringify(name)}`);
  return [
    `import { bindZig } from ${JSON.stringify(RUNTIME)};`,
    `const zig = bindZig("${Buffer.from(wasm).toString("base64")}");`,
    ...locals,
    `export { ${exported.join(", ")} };`,
  ].join("\n");
}
