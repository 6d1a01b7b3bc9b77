// Which file of a package holds a source. Most of what a package needs is in one, which the others
// import: a copy in each would be most of the package.
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { distOf, type Package, ROOT } from "./packages.ts";

/** The file of `dist/` with the sources that most others need. */
const SHARED = "shared.js";
/** Before the name of another file of `dist/`, until it is known from which file it is loaded. */
const MARK = "dist:";
const MARKED = new RegExp(`"${MARK}([^"]+)"`, "g");
/** Constants alone: bundled, they become the numbers that they are. */
const NUMBERS = "src/base/limits.ts";

/** How the sources of a package are spread over files. */
export class Parts {
  readonly #shared: ReadonlySet<string>;
  /** Sources that start a file of their own. */
  readonly #files: ReadonlySet<string>;
  /** Sources that are loaded only when they are needed, and so need a file. */
  readonly deferred = new Set<string>();

  private constructor(shared: ReadonlySet<string>, files: readonly string[]) {
    this.#shared = shared;
    this.#files = new Set(files);
  }

  static async of(each: Package): Promise<Parts> {
    const [first = new Set<string>(), ...others] = await Promise.all(each.shared.map(sourcesOf));
    const shared = others.reduce((all, one) => all.intersection(one), first);
    shared.delete(NUMBERS);
    return new Parts(shared, each.singleFiles);
  }

  /** The shared file's own source, and its text: all that the shared sources export. */
  sharedEntry(): { path: string; text: string } | undefined {
    if (this.#shared.size === 0) return undefined;
    const path = join(ROOT, "src", SHARED.replace(/js$/, "ts"));
    const lines = [...this.#shared].map((each) => `export * from "${join(ROOT, each)}";`);
    return { path, text: lines.join("\n") };
  }

  /** @throws Error when two shared sources export different things by one name: neither is exported then */
  checkShared(path: string): void {
    const there = new Set(exportsOf(path));
    for (const source of this.#shared) {
      const lost = exportsOf(join(ROOT, source)).filter((name) => !there.has(name));
      if (lost.length > 0) throw new Error(`${source}: ${lost.join(", ")} has a namesake`);
    }
  }

  /**
   * Leaves what is in other files to these.
   *
   * @param file `alone`: a single file, with a copy of what it starts with; `single`: one that takes it
   * from the others; `split`: all that the bundler spreads over chunks
   */
  plugin(file: "alone" | "single" | "split"): Bun.BunPlugin {
    return {
      name: "parts",
      setup: (builder) => {
        builder.onResolve({ filter: /^\..*\.ts$/ }, ({ path, importer, kind }) => {
          const source = relative(ROOT, resolve(dirname(importer), path));
          const isDeferred = kind === "dynamic-import" || kind === "require-call";
          if (file === "alone" && !isDeferred) return undefined;
          if (this.#shared.has(source)) return external(SHARED);
          if (file !== "split" && isDeferred) this.deferred.add(source);
          if (!this.#files.has(source) && !this.deferred.has(source)) return undefined;
          return external(relative("src", source).replace(/\.ts$/, ".js"));
        });
      },
    };
  }
}

function external(file: string): Bun.OnResolveResult {
  return { path: MARK + file, external: true };
}

/** A source, and all that it imports but for what it loads when that is needed. */
async function sourcesOf(entry: string): Promise<Set<string>> {
  const { metafile } = await Bun.build({
    entrypoints: [join(ROOT, entry)],
    target: "bun",
    packages: "external",
    metafile: true,
    plugins: [withoutDeferred],
  });
  const inputs = Object.keys(metafile?.inputs ?? {}).map((path) => relative(ROOT, resolve(path)));
  return new Set(inputs.filter((path) => path.endsWith(".ts")));
}

const withoutDeferred: Bun.BunPlugin = {
  name: "without-deferred",
  setup(builder) {
    builder.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === "dynamic-import" || kind === "require-call" ? { path, external: true } : undefined,
    );
  },
};

/** Says in a built file from where it loads the others. */
export function placeReferences(text: string, path: string, each: Package): string {
  return text.replaceAll(MARKED, (_, file: string) => {
    const to = relative(dirname(path), join(distOf(each), file));
    return JSON.stringify(to.startsWith(".") ? to : `./${to}`);
  });
}

function exportsOf(path: string): string[] {
  return new Bun.Transpiler({ loader: "ts" }).scan(readFileSync(path, "utf8")).exports;
}
