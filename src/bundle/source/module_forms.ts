/** The ways a source can name the module `bun:bundle`, and which of them build everywhere. */

import type {
  ImportDeclaration,
  ImportDeclarationSpecifier,
  Node,
  Program,
} from "@oxc-project/types";
import { quote } from "../../base/text.ts";
import type { Problem, Rule } from "./diagnostic.ts";
import { BUNDLE_MODULE, LIVE_MODULE, RECORD_MODULE } from "./needles.ts";
import type { Span } from "./position.ts";
import { nameOf } from "./syntax.ts";

const WRITE_IMPORT = 'Write: import { feature } from "bun:bundle".';
const EXPORTED = "feature";

/** What each module of a view exports it as. */
const VIEWS: ReadonlyMap<string, string> = new Map([
  [RECORD_MODULE, "config"],
  [LIVE_MODULE, "live"],
]);

export interface BundleImports {
  /** The import declarations that a build takes out. */
  readonly declarations: readonly ImportDeclaration[];
  /** The local names of `feature`. */
  readonly names: ReadonlySet<string>;
  /** The modules of the views, by the local names under which they were imported. */
  readonly views: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
}

export function findImports(program: Program): BundleImports {
  const declarations: ImportDeclaration[] = [];
  const names = new Set<string>();
  const views = new Map<string, string>();
  const problems: Problem[] = [];
  let imported = false;
  for (const node of program.body) {
    if (node.type !== "ImportDeclaration" || node.importKind === "type") continue;
    const view = VIEWS.get(node.source.value);
    for (const specifier of view === undefined ? [] : node.specifiers) {
      if (importedName(specifier) === view) views.set(specifier.local.name, node.source.value);
    }
    if (!isBundleModule(node.source)) continue;
    declarations.push(node);
    if (node.attributes.length > 0) {
      const message = `"${BUNDLE_MODULE}" takes no import attributes`;
      problems.push(found("import-attributes", node, message));
    }
    for (const specifier of node.specifiers) {
      if (specifier.type === "ImportSpecifier" && specifier.importKind === "type") continue;
      const problem = specifierProblem(specifier, imported);
      if (problem !== undefined) problems.push(problem);
      if (importedName(specifier) !== EXPORTED) continue;
      imported = true;
      names.add(specifier.local.name);
    }
  }
  return { declarations, names, views, problems };
}

/** Export declarations, `import()`, `require()` and their like, wherever they stand. */
export function moduleProblem(node: Node): Problem | undefined {
  switch (node.type) {
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
      if (node.exportKind === "type" || !isBundleModule(node.source)) return undefined;
      return found(
        "re-export",
        node,
        `"${BUNDLE_MODULE}" cannot be re-exported: no bundler replaces the calls behind it`,
        `Import feature from "${BUNDLE_MODULE}" in each file that calls it.`,
      );
    case "ImportExpression":
      return isBundleModule(node.source)
        ? lateProblem("dynamic-import", node, "import()")
        : undefined;
    case "TSExternalModuleReference":
      return isBundleModule(node.expression)
        ? lateProblem("require", node, "import … = require()")
        : undefined;
    case "CallExpression": {
      const name = resolverName(node.callee);
      return name !== undefined && isBundleModule(node.arguments[0])
        ? lateProblem("require", node, `${name}()`)
        : undefined;
    }
    default:
      return undefined;
  }
}

function isBundleModule(node: Node | null | undefined): boolean {
  if (node?.type === "Literal") return node.value === BUNDLE_MODULE;
  return node?.type === "TemplateLiteral" && node.quasis[0]?.value.cooked === BUNDLE_MODULE;
}

function importedName(specifier: ImportDeclarationSpecifier): string | undefined {
  return specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : undefined;
}

function specifierProblem(
  specifier: ImportDeclarationSpecifier,
  again: boolean,
): Problem | undefined {
  const name = importedName(specifier);
  if (specifier.type === "ImportNamespaceSpecifier") {
    const message = "a namespace import: its calls stay in the program and fail when it runs";
    return found("namespace-import", specifier, message);
  }
  if (specifier.type === "ImportDefaultSpecifier" || name === "default") {
    return found("default-import", specifier, `"${BUNDLE_MODULE}" has no default export`);
  }
  if (name !== EXPORTED) {
    const message = `"${BUNDLE_MODULE}" exports no value ${quote(name)}`;
    const fix = `${WRITE_IMPORT} Types are imported with "import type".`;
    return found("unknown-import", specifier, message, fix);
  }
  if (!again) return undefined;
  const message = `feature is imported from "${BUNDLE_MODULE}" twice; Bun accepts one`;
  return found("duplicate-import", specifier, message, "Keep one import, and one name for it.");
}

function lateProblem(rule: "dynamic-import" | "require", node: Node, form: string): Problem {
  const message = `${form} of "${BUNDLE_MODULE}" is not replaced: it fails when the program runs`;
  return found(rule, node, message);
}

function found(rule: Rule, { start }: Span, message: string, fix: string = WRITE_IMPORT): Problem {
  return { rule, start, message, fix };
}

/** `require`, `require.resolve` or `import.meta.resolve`, when the callee is one of them. */
function resolverName(callee: Node): string | undefined {
  if (callee.type === "Identifier") return callee.name === "require" ? "require" : undefined;
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return undefined;
  if (callee.property.name !== "resolve") return undefined;
  if (callee.object.type === "MetaProperty") return "import.meta.resolve";
  return callee.object.type === "Identifier" && callee.object.name === "require"
    ? "require.resolve"
    : undefined;
}
