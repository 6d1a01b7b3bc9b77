/** Reads one source: the uses of `feature()` and `Bun.config`, and the mistakes. Pure. */

import type { ImportDeclaration, Node, Program } from "@oxc-project/types";
import { type ScopeTracker, ScopeTrackerImport, isReferenceIdentifier, walk } from "oxc-walker";
import { quote } from "../../base/text.ts";
import {
  type ConfigRead,
  configPath,
  isWritten,
  memberPath,
  type ViewRead,
} from "./config_read.ts";
import type { Problem } from "./diagnostic.ts";
import { type FeatureCall, classifyReference } from "./feature_reference.ts";
import { type BundleImports, findImports, moduleProblem } from "./module_forms.ts";
import { type FastScan, fastScan } from "./fast_scan/fast_scan.ts";
import { isInside, type Span } from "./position.ts";
import { type Language, languageOf } from "./language.ts";
import { type Parsed, parseSource, withinDepth } from "./parse.ts";
import { BUNDLE_MODULE, LIVE_MODULE, RECORD_MODULE } from "./needles.ts";
import { scopesOf } from "./syntax.ts";
import { type TreeVisitor, walkTree } from "./walk_tree.ts";

/** All offsets are in UTF-16 code units of the text, in ascending order. */
export interface SourceScan {
  /** The imports of `bun:bundle`. */
  readonly imports: readonly Span[];
  readonly calls: readonly FeatureCall[];
  readonly reads: readonly ConfigRead[];
  readonly frozenReads: readonly ViewRead[];
  readonly liveReads: readonly ViewRead[];
  readonly problems: readonly Problem[];
}

/** A scan of a tree, with the nodes of what it found. */
export interface TreeScan extends SourceScan {
  readonly imports: readonly ImportDeclaration[];
  /** The local names of `feature`. */
  readonly names: ReadonlySet<string>;
}

/**
 * Finds what a build replaces in one source, and everything that some bundler would get wrong.
 *
 * @param file the path, whose extension tells the language; a query behind it is ignored
 * @param accept whether what was found without a syntax tree is enough, when that could be done
 * @example
 * scanSource('import { feature } from "bun:bundle"; if (feature("A")) f();', "a.ts", () => true)
 */
export function scanSource(
  code: string,
  file: string,
  accept: (found: FastScan) => boolean,
  language: Language = languageOf(file),
): SourceScan {
  const found = fastScan(code, language);
  if (found === undefined || !accept(found))
    return scanTree(withinDepth(file, parseSource(file, code, false, language)));
  return { ...found, reads: [], frozenReads: [], liveReads: [], problems: [] };
}

/** The same from a whole tree. */
export function scanTree({ program, errors }: Parsed): TreeScan {
  const [error] = errors;
  if (error !== undefined) return failed(syntaxProblem(error));
  const imports = findImports(program);
  let found = collect(program, imports);
  if (!found.certain) found = collect(program, imports, scopesOf(program));
  const problems = [...imports.problems, ...found.problems].toSorted((a, b) => a.start - b.start);
  const { calls, reads, frozenReads, liveReads } = found;
  const { declarations, names } = imports;
  return { imports: declarations, names, calls, reads, frozenReads, liveReads, problems };
}

/** @param scopes of a first walk; without them every name counts as not shadowed */
function collect(program: Program, imports: BundleImports, scopes?: ScopeTracker): Collector {
  const collector = new Collector(program, imports, scopes);
  if (scopes === undefined) walkTree(program, collector);
  else walkScopes(program, collector, scopes);
  return collector;
}

/** What the uses of flags are, and what is wrong with them. */
class Collector implements TreeVisitor {
  readonly calls: FeatureCall[] = [];
  readonly reads: ConfigRead[] = [];
  readonly frozenReads: ViewRead[] = [];
  readonly liveReads: ViewRead[] = [];
  readonly problems: Problem[] = [];
  /** No name could be shadowed, so that the scopes need no analysis. */
  certain = true;
  readonly #program: Program;
  readonly #imports: BundleImports;
  readonly #scopes: ScopeTracker | undefined;
  readonly #ancestors: Node[] = [];
  #testDepth = 0;

  constructor(program: Program, imports: BundleImports, scopes: ScopeTracker | undefined) {
    this.#program = program;
    this.#imports = imports;
    this.#scopes = scopes;
  }

  enter(node: Node, parent: Node | null, key: string): boolean {
    const { declarations, names } = this.#imports;
    if (isTest(parent, key)) this.#testDepth++;
    const known = node.type === "ImportDeclaration" && isKnownImport(node, declarations);
    if (parent !== null && isNamed(node)) this.#identifier(node, parent);
    else if (node.type === "MemberExpression") this.#member(node, parent);
    else if (node.type === "Program") {
      for (const name of names) this.problems.push(...redeclared(name, this.#scopes));
    } else if (!known) this.#moduleForm(node);
    this.#ancestors.push(node);
    return known;
  }

  leave(_node: Node, parent: Node | null, key: string): void {
    this.#ancestors.pop();
    if (isTest(parent, key)) this.#testDepth--;
  }

  #identifier(node: NamedNode, parent: Node): void {
    const { names, views } = this.#imports;
    if (node.name === "Bun" || views.has(node.name)) this.certain &&= isObjectOrKey(node, parent);
    if (!names.has(node.name)) return;
    if (!isReferenceIdentifier(node, parent)) {
      this.certain &&= isObjectOrKey(node, parent);
    } else if (
      parent.type !== "TSTypeQuery" &&
      (isImported(node.name, BUNDLE_MODULE, this.#scopes) ||
        isBeforeBody(node, [...this.#ancestors, node], this.#program, this.#scopes))
    ) {
      const reference = classifyReference(node, this.#ancestors, this.#testDepth > 0);
      if ("call" in reference) this.calls.push(reference.call);
      else this.problems.push(reference.problem);
      this.certain &&= "call" in reference;
    }
  }

  #member(node: Node, parent: Node | null): void {
    const path = memberPath(node);
    if (path === undefined || isWritten(node, parent)) return;
    const { start, end } = node;
    const [root = "", group, name = "", ...rest] = path;
    const value = configPath(path, parent);
    const isDeclared = this.#scopes?.isDeclared(root) ?? false;
    if (value !== undefined && !isDeclared) this.reads.push({ path: value, start, end });
    const view = this.#imports.views.get(root);
    if (view === undefined || group !== "features" || name === "" || rest.length > 0) return;
    if (!isImported(root, view, this.#scopes)) return;
    (view === LIVE_MODULE ? this.liveReads : this.frozenReads).push({ name, start, end });
  }

  #moduleForm(node: Node): void {
    const problem = moduleProblem(node);
    if (problem === undefined) return;
    const isRequire = problem.rule === "require";
    this.certain &&= !isRequire;
    const isShadowed = isRequire && this.#scopes?.isDeclared("require") === true;
    if (!isShadowed) this.problems.push(problem);
  }
}

/** The same walk with the scopes of each node at hand; many times slower. */
function walkScopes(program: Program, visitor: TreeVisitor, scopes: ScopeTracker): void {
  walk(program, {
    scopeTracker: scopes,
    enter(node, parent, { key }) {
      if (visitor.enter(node, parent, String(key))) this.skip(); // the walker's word
    },
    leave(node, parent, { key }) {
      visitor.leave(node, parent, String(key));
    },
  });
}

/** An import whose names are all known already. */
function isKnownImport(node: ImportDeclaration, bundle: readonly ImportDeclaration[]): boolean {
  const { value } = node.source;
  return bundle.includes(node) || value === LIVE_MODULE || value === RECORD_MODULE;
}

type NamedNode = Extract<Node, { type: "Identifier" | "JSXIdentifier" }>;

function isNamed(node: Node): node is NamedNode {
  return node.type === "Identifier" || node.type === "JSXIdentifier";
}

function isTest(parent: Node | null, key: string): boolean {
  return (
    key === "test" && (parent?.type === "IfStatement" || parent?.type === "ConditionalExpression")
  );
}

/** The `a` or the `b` of `a.b`: a place in which a name declares nothing. */
function isObjectOrKey(node: Node, parent: Node): boolean {
  return (
    parent.type === "MemberExpression" &&
    (parent.object === node || (parent.property === node && !parent.computed))
  );
}

function isImported(name: string, from: string, scopes: ScopeTracker | undefined): boolean {
  if (scopes === undefined) return true;
  const declaration = scopes.getDeclaration(name);
  return declaration instanceof ScopeTrackerImport && declaration.importNode.source.value === from;
}

/**
 * Whether a name in a parameter's default is declared in the function's body alone, by `var`: the
 * default does not see that, and means the import.
 */
function isBeforeBody(
  { name }: NamedNode,
  path: readonly Node[],
  program: Program,
  scopes: ScopeTracker | undefined,
): boolean {
  const declaration = scopes?.getDeclaration(name);
  if (declaration === undefined || declaration === null) return false;
  const owner = path.find((node, index): node is FunctionNode => {
    const next = path[index + 1];
    return isFunction(node) && node.params.some((one) => one === next);
  });
  const body = owner?.body;
  if (body === undefined || body === null || !isInside(declaration, [body])) return false;
  // Nothing else between here and the import may declare it.
  return bindingsOf(name, program).every((one) => isInside(one, [body]));
}

type FunctionNode = Extract<Node, { params: unknown; body: unknown }>;

function isFunction(node: Node): node is FunctionNode {
  return "params" in node && "body" in node && Array.isArray(node.params);
}

/** Where a program binds a name, its imports left out. */
function bindingsOf(name: string, program: Program): Span[] {
  const spans: Span[] = [];
  walkTree(program, {
    enter(node, parent) {
      const binds =
        parent !== null &&
        isNamed(node) &&
        node.name === name &&
        !isReferenceIdentifier(node, parent) &&
        !isObjectOrKey(node, parent);
      if (binds) spans.push(node);
      return node.type === "ImportDeclaration";
    },
    leave: () => undefined,
  });
  return spans;
}

/** With the import gone, a second declaration of its name would no longer be an error. */
function redeclared(name: string, scopes: ScopeTracker | undefined): Problem[] {
  const declaration = scopes?.getDeclaration(name);
  if (declaration === undefined || declaration === null || isImported(name, BUNDLE_MODULE, scopes))
    return [];
  return [
    {
      rule: "syntax",
      start: declaration.start,
      message: `${quote(name)} is declared twice`,
      fix: "Give one of the two another name.",
    },
  ];
}

function syntaxProblem(error: Parsed["errors"][number]): Problem {
  return {
    rule: "syntax",
    start: error.labels[0]?.start ?? 0,
    message: `the source does not parse: ${error.message}`,
    fix: error.helpMessage ?? "Fix the syntax.",
  };
}

function failed(problem: Problem): TreeScan {
  const none = { imports: [], calls: [], reads: [], frozenReads: [], liveReads: [] };
  return { ...none, names: new Set(), problems: [problem] };
}
