// Which file of a package holds a source. Most of what a package needs is in a few, which the others
// import: a copy in each would be most of the package, and a file for each would take a start longer.
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { Glob } from "bun";
import { parseSync } from "oxc-parser";
import { distOf, type Package, ROOT } from "./packages.ts";

/** Before the name of another file of `dist/`, until it is known from which file it is loaded. */
const MARK = "dist:";
const MARKED = new RegExp(`"${MARK}([^"]+)"`, "g");
/** Constants alone: bundled, they become the numbers that they are. */
const NUMBERS = "src/base/limits.ts";

/** A file of `dist/` with sources that several others need. */
export interface SharedFile {
  /** Its name there. */
  readonly file: string;
  /** Its own source. */
  readonly path: string;
}

/** How the sources of a package are spread over files. */
export class Parts {
  /** The shared file that holds a source. */
  readonly #shared: ReadonlyMap<string, string>;
  /** Sources that start a file of their own. */
  readonly #files: ReadonlySet<string>;
  /** Sources that are loaded only when they are needed, and so need a file. */
  readonly deferred = new Set<string>();

  private constructor(shared: ReadonlyMap<string, string>, files: readonly string[]) {
    this.#shared = shared;
    this.#files = new Set(files);
  }

  static async of(each: Package): Promise<Parts> {
    const shared = new Map<string, string>();
    for (const { file, by, within } of each.shared) {
      const [first = new Set<string>(), ...others] = await Promise.all(by.map(sourcesOf));
      for (const source of others.reduce((all, one) => all.intersection(one), first)) {
        const isWithin = within.length === 0 || within.some((start) => source.startsWith(start));
        if (isWithin && source !== NUMBERS && !shared.has(source)) shared.set(source, file);
      }
    }
    return new Parts(shared, each.singleFiles);
  }

  /** The shared files, each after those that it imports. */
  sharedFiles(): SharedFile[] {
    return [...new Set(this.#shared.values())].map((file) => ({
      file,
      path: join(ROOT, sourceOf(file)),
    }));
  }

  /**
   * The text of a shared file's source.
   *
   * @param names that it exports, of those that the shared sources do. Default: all
   */
  sharedText({ file, path }: SharedFile, names?: ReadonlySet<string>): string {
    const up = `${relative(dirname(path), join(ROOT, "src")) || "."}/../`;
    const lines = this.#sourcesIn(file).map((source) => {
      const some = names && exportsOf(join(ROOT, source)).filter((name) => names.has(name));
      return `export ${some === undefined ? "*" : `{ ${some.join(", ")} }`} from "${up}${source}";`;
    });
    return lines.join("\n");
  }

  /** @throws Error when two shared sources export different things by one name: neither is exported then */
  checkShared(file: string, path: string): void {
    const there = new Set(exportsOf(path));
    for (const source of this.#sourcesIn(file)) {
      const lost = exportsOf(join(ROOT, source)).filter((name) => !there.has(name));
      if (lost.length > 0) throw new Error(`${source}: ${lost.join(", ")} has a namesake`);
    }
  }

  /**
   * Leaves what is in other files to these.
   *
   * @param kind `alone`: a single file, with a copy of what it starts with; `single`: one that takes it
   * from the others; `split`: all that the bundler spreads over chunks
   * @param paths of the sources that start what is built
   */
  plugin(kind: "alone" | "single" | "split", paths: readonly string[]): Bun.BunPlugin {
    const isTaken = (file: string): boolean =>
      paths.every((path) => !relative(join("src", dirname(file)), path).startsWith(".."));
    return {
      name: "parts",
      setup: (builder) => {
        builder.onResolve({ filter: /^\..*\.ts$/ }, ({ path, importer, kind: how }) => {
          const source = relative(ROOT, resolve(dirname(importer), path));
          const isDeferred = how === "dynamic-import" || how === "require-call";
          if (kind === "alone" && !isDeferred) return undefined;
          const shared = this.#shared.get(source);
          if (shared !== undefined && paths.includes(sourceOf(shared))) return undefined;
          if (shared !== undefined && isTaken(shared)) return external(shared);
          if (kind !== "split" && isDeferred) this.deferred.add(source);
          if (!this.#files.has(source) && !this.deferred.has(source)) return undefined;
          return external(relative("src", source).replace(/\.ts$/, ".js"));
        });
      },
    };
  }

  #sourcesIn(file: string): string[] {
    return [...this.#shared].filter(([, place]) => place === file).map(([source]) => source);
  }
}

/** The source of a file of `dist/`. */
function sourceOf(file: string): string {
  return join("src", file.replace(/js$/, "ts"));
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
  return new Set(inputs.filter((path) => path.endsWith(".ts") && !path.endsWith(".macro.ts")));
}

const withoutDeferred: Bun.BunPlugin = {
  name: "without-deferred",
  setup(builder) {
    builder.onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind === "dynamic-import" || kind === "require-call" ? { path, external: true } : undefined,
    );
  },
};

/**
 * The names that the built files of a package take from one of them.
 *
 * @throws Error when one takes all of it
 */
export function namesTaken(each: Package, file: string): Set<string> {
  const target = join(distOf(each), file);
  const names = new Set<string>();
  for (const path of new Glob("**/*.js").scanSync({ cwd: distOf(each), absolute: true })) {
    const { staticImports, staticExports } = parseSync(path, readFileSync(path, "utf8")).module;
    const imports = staticImports.flatMap(({ moduleRequest, entries }) =>
      entries.map(({ importName }) => ({ from: moduleRequest, importName })),
    );
    const handedOn = staticExports.flatMap(({ entries }) =>
      entries.map(({ moduleRequest, importName }) => ({ from: moduleRequest, importName })),
    );
    for (const { from, importName } of [...imports, ...handedOn]) {
      if (from === null || resolve(dirname(path), from.value) !== target) continue;
      if (importName.name === null) throw new Error(`${path} takes all of ${file}`);
      names.add(importName.name);
    }
  }
  return names;
}

/** Says in a built file from where it loads the others. */
export function placeReferences(text: string, path: string, each: Package): string {
  return text.replaceAll(MARKED, (_, file: string) => {
    const to = relative(dirname(path), join(distOf(each), file));
    return JSON.stringify(to.startsWith(".") ? to : `./${to}`);
  });
}

function exportsOf(path: string): string[] {
  // To say what a file exports, no macro need run.
  const text = readFileSync(path, "utf8").replaceAll(' with { type: "macro" }', "");
  return new Bun.Transpiler({ loader: "ts" }).scan(text).exports;
}
