/** Exported functions of a source, and the source with one of their bodies away. Pure. */

import { parseSync } from "oxc-parser";

export interface Mutant {
  /** `path#name`, as in `src/hash.ts#murmurHash3`; of a method `path#Class.method`. */
  readonly id: string;
  readonly path: string;
  /** The whole text, in which the function does nothing. Its types are not checked: a build ends well. */
  readonly text: string;
}

interface Body {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** An arrow function's expression: nothing of it is `undefined`. */
  readonly isExpression: boolean;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * One mutant for each exported function, and for each public method of an exported class.
 *
 * @param path of the source, from the repository's root
 * @throws Error when the source cannot be parsed
 * @example mutantsOf("a.ts", "export function a() { return 1; }")[0].text // "export function a() {}"
 */
export function mutantsOf(path: string, text: string): Mutant[] {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const bodies: Body[] = [];
  for (const statement of program.body) {
    if (statement.type !== "ExportNamedDeclaration") continue;
    const { declaration } = statement;
    if (declaration?.type === "FunctionDeclaration" && declaration.body) {
      bodies.push(blockBody(declaration.id?.name ?? "default", declaration.body));
    } else if (declaration?.type === "VariableDeclaration") {
      for (const { id, init } of declaration.declarations) {
        if (id.type !== "Identifier") continue;
        if (init?.type === "ArrowFunctionExpression" && init.body) {
          const isExpression = init.body.type !== "BlockStatement";
          bodies.push({ ...spanOf(init.body), name: id.name, isExpression });
        } else if (init?.type === "FunctionExpression" && init.body) {
          bodies.push(blockBody(id.name, init.body));
        }
      }
    } else if (declaration?.type === "ClassDeclaration") {
      for (const member of declaration.body.body) {
        if (member.type !== "MethodDefinition" || member.kind === "constructor") continue;
        if (member.key.type !== "Identifier" || !member.value.body) continue;
        const name = `${declaration.id?.name}.${member.key.name}`;
        bodies.push(blockBody(name, member.value.body));
      }
    }
  }
  return bodies.map(({ name, start, end, isExpression }) => ({
    id: `${path}#${name}`,
    path,
    text: `// @ts-nocheck\n${text.slice(0, start)}${isExpression ? "(undefined)" : "{}"}${text.slice(end)}`,
  }));
}

function blockBody(name: string, body: Span): Body {
  return { ...spanOf(body), name, isExpression: false };
}

function spanOf({ start, end }: Span): Span {
  return { start, end };
}
