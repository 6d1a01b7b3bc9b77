/**
 * Which modules a program uses, export by export: of a module that only hands others on, it uses what
 * it asks for. Pure.
 */

import { difference } from "../../base/sets.ts";
import type { BuildMetafile } from "bun";
import type { ImportDeclaration, Node } from "@oxc-project/types";
import { walk } from "oxc-walker";
import { wordsOf } from "./dead_code.ts";
import type { FlagSource } from "./flag_source.ts";
import { ALL, declaredNames } from "./declarations.ts";
import { blankSpans, isInside, outermost, type Span } from "./position.ts";
import { nameOf, stringOf } from "./syntax.ts";

/** What a module asks of others, its dead code left out. */
export interface ModuleLinks {
  /** Names that it imports for itself, by specifier; none for an import of the module alone. */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>;
  /** Names of exports that are its own. */
  readonly own: ReadonlySet<string>;
  /** Exports that are another module's: `name` here is `imported` of `specifier`. */
  readonly handed: readonly { readonly name: string; specifier: string; imported: string }[];
  /** Specifiers of `export * from`. */
  readonly stars: readonly string[];
  /** Specifiers of `import()` and `require()` that only dead code has. */
  readonly deadCalls: ReadonlySet<string>;
}

/** @param dead parts of the source */
export function moduleLinks({ code, program }: FlagSource, dead: readonly Span[]): ModuleLinks {
  const declarations = program.body.filter((node) => node.type === "ImportDeclaration");
  const lists = program.body.filter(
    (node) => node.type === "ExportNamedDeclaration" && node.declaration === null,
  );
  const words = wordsOf(blankSpans(code, outermost([...declarations, ...lists, ...dead])));
  const imports = new Map<string, Set<string>>();
  const handed: ModuleLinks["handed"][number][] = [];
  const locals = new Map<string, { readonly specifier: string; readonly imported: string }>();
  for (const declaration of declarations) {
    const specifier = declaration.source.value;
    const { specifiers } = declaration;
    if (specifiers.length === 0) addName(imports, specifier);
    for (const one of specifiers) {
      const imported = importedName(one);
      locals.set(one.local.name, { specifier, imported });
      if (words.has(one.local.name)) addName(imports, specifier, imported);
    }
  }
  const stars: string[] = [];
  const own = new Set<string>();
  for (const node of program.body) {
    if (node.type === "ExportAllDeclaration") {
      const name = node.exported;
      const specifier = node.source.value;
      if (name === null) stars.push(specifier);
      else handed.push({ name: nameOf(name), specifier, imported: ALL });
    } else if (node.type === "ExportNamedDeclaration" && node.declaration === null) {
      for (const { local, exported } of node.specifiers) {
        const name = nameOf(exported);
        if (node.source !== null) {
          handed.push({ name, specifier: node.source.value, imported: nameOf(local) });
          continue;
        }
        const from = locals.get(nameOf(local));
        if (from === undefined) own.add(name);
        else handed.push({ name, ...from });
      }
    } else if (node.type === "ExportNamedDeclaration" && node.declaration !== null) {
      for (const name of declaredNames(node.declaration)) own.add(name);
    } else if (node.type === "ExportDefaultDeclaration") own.add("default");
  }
  return { imports, own, handed, stars, deadCalls: deadCalls(program, dead) };
}

/** The modules that a program uses, from its entries on, each with the exports that are asked for. */
export function usedModules(
  { inputs }: BuildMetafile,
  entries: readonly string[],
  linksOf: (path: string) => ModuleLinks | undefined,
): Map<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  const queue: (readonly [path: string, name: string | undefined])[] = [];
  for (const entry of entries) queue.push([entry, ALL]);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [path, name] = next;
    const input = inputs[path];
    if (input === undefined) continue;
    const names = used.get(path);
    if (names !== undefined && (name === undefined || names.has(name) || names.has(ALL))) continue;
    const targets = new Map(
      input.imports.map(({ original, path: target, entryPoint }) => [
        original ?? target,
        entryPoint ?? target,
      ]),
    );
    const follow = (specifier: string, imported: string | undefined): void => {
      const target = targets.get(specifier);
      if (target !== undefined) queue.push([target, imported]);
    };
    const links = linksOf(path);
    if (names === undefined) {
      used.set(path, new Set());
      for (const { kind, original, path: target } of input.imports) {
        const specifier = original ?? target;
        if (links === undefined) follow(specifier, ALL);
        else if (kind !== "import-statement" && !links.deadCalls.has(specifier))
          follow(specifier, ALL);
      }
      for (const [specifier, wanted] of links?.imports ?? []) {
        if (wanted.size === 0) follow(specifier, undefined);
        for (const one of wanted) follow(specifier, one);
      }
    }
    if (name === undefined || links === undefined) continue;
    used.get(path)?.add(name);
    const handed = links.handed.filter((one) => name === ALL || one.name === name);
    for (const { specifier, imported } of handed) follow(specifier, imported);
    // A star gives what the module has not itself.
    const isStars = name === ALL || (handed.length === 0 && !links.own.has(name));
    if (isStars) for (const star of links.stars) follow(star, name);
  }
  return used;
}

function addName(imports: Map<string, Set<string>>, specifier: string, name?: string): void {
  const names = imports.get(specifier) ?? new Set();
  if (name !== undefined) names.add(name);
  imports.set(specifier, names);
}

function importedName(specifier: ImportDeclaration["specifiers"][number]): string {
  if (specifier.type === "ImportNamespaceSpecifier") return ALL;
  return specifier.type === "ImportDefaultSpecifier" ? "default" : nameOf(specifier.imported);
}

function deadCalls(program: Node, dead: readonly Span[]): Set<string> {
  if (dead.length === 0) return new Set();
  const inDead = new Set<string>();
  const inLive = new Set<string>();
  walk(program, {
    enter(node) {
      const specifier = calledSpecifier(node);
      if (specifier !== undefined) (isInside(node, dead) ? inDead : inLive).add(specifier);
    },
  });
  return difference(inDead, inLive);
}

function calledSpecifier(node: Node): string | undefined {
  const isCall =
    node.type === "CallExpression" &&
    node.callee.type === "Identifier" &&
    node.callee.name === "require";
  const source =
    node.type === "ImportExpression" ? node.source : isCall ? node.arguments[0] : undefined;
  return stringOf(source);
}
