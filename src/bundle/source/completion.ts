/**
 * How a statement can end when some flags are known: whether what stands behind it in its list can
 * run at all. Pure.
 *
 * Source: ECMA-262, "Completion Records".
 */

import { union } from "../../base/sets.ts";
import type {
  Function as FunctionNode,
  Node,
  SwitchStatement,
  TryStatement,
} from "@oxc-project/types";
import type { Truth } from "./condition.ts";

/**
 * The ways out of a statement: to the next one, or to the end or the head of a statement around it.
 * `return` and `throw` leave the list for good, and are in no set.
 */
type Exit = "next" | `break ${string}` | `continue ${string}`;
type Exits = ReadonlySet<Exit>;

const NEXT: Exits = new Set(["next"]);
const NEVER: Exits = new Set();

interface Unreachable {
  readonly unreachable: readonly Node[];
  readonly hoisted: readonly FunctionNode[];
}

/** Remembers what it found: each statement is followed once. */
export class Completion {
  readonly #decide: (test: Node) => Truth;
  readonly #known = new Map<Node, Exits>();

  /** @param decide what a test is worth, as far as that is known */
  constructor(decide: (test: Node) => Truth) {
    this.#decide = decide;
  }

  /**
   * What of a list can never run, because a statement before it leaves the list. Functions are made
   * before the list runs, and stand apart; so do imports and exports of them, which are in neither.
   */
  unreachable(list: readonly Node[]): Unreachable {
    const last = list.findIndex((item) => !this.#exits(item).has("next"));
    const rest = last === -1 ? [] : list.slice(last + 1);
    return {
      unreachable: rest.filter((item) => !isHoisted(item)),
      hoisted: rest.filter(isFunction),
    };
  }

  /** Whether what stands behind a statement can run. */
  endsNormally(node: Node): boolean {
    return this.#exits(node).has("next");
  }

  #exits(node: Node): Exits {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const found = this.#find(node);
    this.#known.set(node, found);
    return found;
  }

  #find(node: Node): Exits {
    switch (node.type) {
      case "ReturnStatement":
      case "ThrowStatement":
        return NEVER;
      case "BreakStatement":
        return new Set<Exit>([`break ${node.label?.name ?? ""}`]);
      case "ContinueStatement":
        return new Set<Exit>([`continue ${node.label?.name ?? ""}`]);
      case "BlockStatement":
      case "StaticBlock":
        return this.#list(node.body);
      case "SwitchCase":
        return this.#list(node.consequent);
      case "IfStatement": {
        const truth = this.#decide(node.test);
        const no = node.alternate === null ? NEXT : this.#exits(node.alternate);
        if (truth === false) return no;
        const yes = this.#exits(node.consequent);
        return truth === true ? yes : union(yes, no);
      }
      case "LabeledStatement":
        return this.#leave(this.#exits(node.body), node.label.name);
      case "WithStatement":
        return this.#exits(node.body);
      case "ForInStatement":
      case "ForOfStatement":
        return union(this.#leave(this.#exits(node.body), ""), NEXT);
      case "WhileStatement":
        return this.#loop(this.#decide(node.test), node.body);
      case "ForStatement":
        return this.#loop(node.test === null ? true : this.#decide(node.test), node.body);
      case "DoWhileStatement":
        return this.#doWhile(this.#decide(node.test), node.body);
      case "SwitchStatement":
        return this.#switch(node);
      case "TryStatement":
        return this.#try(node);
      default:
        return NEXT;
    }
  }

  #list(items: readonly Node[]): Exits {
    const exits = new Set<Exit>();
    for (const item of items) {
      const found = this.#exits(item);
      for (const exit of found) if (exit !== "next") exits.add(exit);
      if (!found.has("next")) return exits;
    }
    return exits.add("next");
  }

  /** A `break` out of a statement goes to the next one; a `continue` of it goes round again. */
  #leave(exits: Exits, label: string): Exits {
    const left = new Set(exits);
    left.delete(`continue ${label}`);
    if (left.delete(`break ${label}`)) left.add("next");
    return left;
  }

  /** @param truth of the test in front of the body */
  #loop(truth: boolean | undefined, body: Node): Exits {
    if (truth === false) return NEXT;
    const inside = new Set(this.#exits(body));
    inside.delete("next");
    const exits = this.#leave(inside, "");
    return truth === true ? exits : union(exits, NEXT);
  }

  #doWhile(truth: boolean | undefined, body: Node): Exits {
    const inside = new Set(this.#exits(body));
    // The test runs behind the body, or behind a `continue`, perhaps one with this loop's own label.
    const isTested = [...inside].some((exit) => exit === "next" || exit.startsWith("continue"));
    inside.delete("next");
    const exits = this.#leave(inside, "");
    return isTested && truth !== true ? union(exits, NEXT) : exits;
  }

  #switch({ cases }: SwitchStatement): Exits {
    const exits = new Set<Exit>();
    // Any case can be the first to run, and each goes on with the next.
    let last: Exits = NEXT;
    for (const { consequent } of cases) {
      last = this.#list(consequent);
      for (const exit of last) if (exit !== "next") exits.add(exit);
    }
    const hasDefault = cases.some(({ test }) => test === null);
    if (!hasDefault || last.has("next")) exits.add("next");
    const left = new Set(exits);
    if (left.delete("break ")) left.add("next");
    return left;
  }

  #try({ block, handler, finalizer }: TryStatement): Exits {
    // Where it can throw is not known, so that a handler can always run.
    const tried = this.#exits(block);
    const exits = handler === null ? tried : union(tried, this.#exits(handler.body));
    if (finalizer === null) return exits;
    const last = this.#exits(finalizer);
    if (!last.has("next")) return last;
    const others = new Set(last);
    others.delete("next");
    return union(exits, others);
  }
}

function isFunction(node: Node): node is FunctionNode {
  return node.type === "FunctionDeclaration";
}

export function isHoisted(node: Node): boolean {
  switch (node.type) {
    case "FunctionDeclaration":
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return true;
    case "ExportNamedDeclaration":
      return node.declaration === null || isHoisted(node.declaration);
    case "ExportDefaultDeclaration":
      return node.declaration.type === "FunctionDeclaration";
    default:
      return false;
  }
}

/** The statements of a list, when a node holds one. */
export function statementList(node: Node): readonly Node[] | undefined {
  switch (node.type) {
    case "Program":
    case "BlockStatement":
    case "StaticBlock":
    case "TSModuleBlock":
      return node.body;
    case "SwitchCase":
      return node.consequent;
    default:
      return undefined;
  }
}
