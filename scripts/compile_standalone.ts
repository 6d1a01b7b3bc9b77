// Makes the standalone executable of the command line, with everything that it needs inside.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BunPlugin } from "bun";

/** How the parser of sources looks for its own library when it is loaded. */
const OWN_REQUIRE = "const require = createRequire(import.meta.url)";

/**
 * The parser finds its library by a `require` that no bundler sees, which the executable would answer
 * from the folder that it runs in. As a plain `require`, the library is put inside.
 */
const parserInside: BunPlugin = {
  name: "parser-inside",
  setup(build) {
    build.onLoad({ filter: /oxc-parser[\\/]src-js[\\/]bindings\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!text.includes(OWN_REQUIRE)) throw new Error(`${path} loads its library in another way`);
      return { contents: text.replace(OWN_REQUIRE, ""), loader: "js" };
    });
  },
};

/** @param root of the repository */
export async function compileStandalone(root: string, outfile: string): Promise<void> {
  await Bun.build({
    entrypoints: [join(root, "src/cli/standalone.ts")],
    target: "bun",
    plugins: [parserInside],
    // A project's bunfig.toml and .env are for its programs: they must not steer or stop this one.
    compile: { outfile, autoloadBunfig: false, autoloadDotenv: false },
  });
}
