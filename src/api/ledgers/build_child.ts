/** One build of pushed sources, in a process that has nothing to lose: flags come in, sizes go out. */

import { dirname, join, relative, resolve, sep } from "node:path";
import type { BunPlugin } from "bun";
import { messageOf } from "../../base/errors.ts";
import { liesBelow } from "../../base/paths.ts";
import { escapePattern } from "../../base/text.ts";
import { sizesOf } from "../../bundle/analysis/ledger/build_sizes.ts";
import { startBundler, withSyntax } from "../../bundle/build/bundler.ts";
import { type BuiltJson, flagsOf, type FlagsJson } from "./build_json.ts";
import { configFile, type Plan, readPlan, sourcesFolder } from "./folders.ts";
import { LEADS_OUT, leadsOut, leadsOutText } from "./leading_out.ts";

const UNRESOLVED = "Could not resolve";
/** What the bundler leaves as it is where it finds nothing: a program may catch it. */
const TOLERATED: ReadonlySet<string> = new Set([
  "require-call",
  "require-resolve",
  "dynamic-import",
]);

/**
 * Nothing is read but what lies below the root: a bundler follows an import wherever it leads.
 *
 * @param root absolute
 */
function bounds(root: string, { aliases }: Plan): BunPlugin {
  const targets = new Map(
    aliases.map(({ importer, specifier, path }) => [`${importer}\0${specifier}`, path]),
  );
  const specifiers = [...new Set(aliases.map(({ specifier }) => specifier))];
  return {
    name: "immuconfig-bounds",
    setup(builder) {
      builder.onLoad({ filter: /^/ }, ({ path }) => {
        if (!liesBelow(resolve(path), root)) throw new Error(LEADS_OUT);
        return undefined;
      });
      if (specifiers.length === 0) return;
      // No others: what a hook has looked at loses what its package says of effects.
      const filter = new RegExp(`^(?:${specifiers.map((one) => escapePattern(one)).join("|")})$`);
      builder.onResolve({ filter }, ({ path, importer }) => {
        const from = relative(root, importer).split(sep).join("/");
        const target = targets.get(`${from}\0${path}`);
        return target === undefined ? undefined : { path: join(root, target) };
      });
    },
  };
}

async function build(folder: string, flags: FlagsJson): Promise<BuiltJson> {
  const plan = readPlan(folder);
  const root = sourcesFolder(folder);
  const home = join(root, plan.cwd);
  // Not before: a program that starts there would do what settings in there say. The bundler names modules from it.
  process.chdir(home);
  const run = await startBundler(
    {
      ...plan.build,
      entrypoints: plan.entrypoints.map((path) => join(root, path)),
      root,
      minify: withSyntax(plan.build),
      tsconfig: configFile(folder),
      plugins: [bounds(root, plan)],
    },
    flagsOf(flags),
  );
  const named = (path: string): string => {
    // One of the record's own modules.
    if (path.startsWith("immuconfig:")) return path;
    const full = resolve(path);
    if (!liesBelow(full, root)) throw new Error(LEADS_OUT);
    return relative(home, full).split(sep).join("/");
  };
  for (const [path, { imports }] of Object.entries(run.metafile.inputs)) {
    named(path);
    const isOut = imports.some(
      ({ kind, external, path: to }) =>
        external === true && TOLERATED.has(kind) && leadsOut(root, dirname(resolve(path)), to),
    );
    if (isOut) throw new Error(LEADS_OUT);
  }
  const { size, modules } = await sizesOf(run);
  return { size, modules: [...modules].map(([path, bytes]) => [named(path), bytes]) };
}

const [folder = ""] = process.argv.slice(2);
try {
  console.log(JSON.stringify(await build(folder, JSON.parse(await Bun.stdin.text()))));
} catch (error) {
  const message = messageOf(error);
  // What lies where on the server is nobody's business.
  const isHidden = message.includes(LEADS_OUT) || message.includes(UNRESOLVED);
  const shown = isHidden ? leadsOutText(sourcesFolder(folder)) : message;
  console.log(shown.replaceAll(join(sourcesFolder(folder), sep), ""));
  process.exitCode = 1;
}
