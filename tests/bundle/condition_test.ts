import { describe, expect, test } from "bun:test";
import { evaluate, isPure } from "../../src/bundle/source/condition.ts";
import { parseFlagSource, truthOf } from "../../src/bundle/source/flag_source.ts";

/** The condition of an `if`: `on` and `off` are flags that are known, `other` one that is not. */
function condition(text: string) {
  const known = text.replace(/\b(on|off|other)\b/g, 'feature("$1")');
  const code = `import { feature } from "bun:bundle";\nif (${known}) f();\n`;
  const source = parseFlagSource(code, "a.ts");
  const [, statement] = source.program.body;
  if (statement?.type !== "IfStatement") throw new Error(`not parsed: ${code}`);
  return { source, node: statement.test };
}

function truth(text: string): boolean | undefined {
  const { source, node } = condition(text);
  const states = new Map([
    ["on", true],
    ["off", false],
  ]);
  return evaluate(
    node,
    truthOf(source, (name) => states.get(name)),
  );
}

describe("evaluate", () => {
  test.each([
    "on",
    "true",
    "!off",
    "!!on",
    "on && on",
    "on || x",
    "x || on",
    "off || on",
    "off === off",
    "on == true",
    "on !== off",
    "on != false",
    "(on || x) === on",
    "(off || on) === on",
    "on ? on : off",
    "off ? off : on",
    "(on ? off : on) === off",
    "on ?? off",
    "off === (off ?? on)",
    "on as boolean",
    "on satisfies boolean",
    "on!",
    "<boolean>on",
    "(on && on) as boolean",
    "(on || x) satisfies unknown",
    "(on || x)!",
    "<boolean>(on || x)",
    "!(f() && off)",
  ])("%s is true", (text) => {
    expect(truth(text)).toBe(true);
    expect(truth(`!(${text})`)).toBe(false);
  });

  test.each([
    "x",
    "other",
    "1",
    "'text'",
    "null",
    "-on",
    "void on",
    "on && x",
    "x && on",
    "off || x",
    "x || off",
    "x ?? on",
    "on < off",
    "on + off",
    "on === x",
    "x ? on : off",
    "on ? x : off",
    "f(on)",
    "[on]",
  ])("%s is not known", (text) => {
    expect(truth(text)).toBeUndefined();
  });

  test.each(["x && off", "off && off && x", "off && f()"])("%s is false", (text) => {
    expect(truth(text)).toBe(false);
  });

  test.each([
    "(x && off) === false",
    "(x ? on : off) === true",
    "(x || on) === true",
    "((x && off) as boolean) !== false",
    "(x && off)! == false",
    "(<boolean>(x && off)) === off",
    "((x && off) satisfies unknown) === off",
    "(on ? x && off : on) === false",
    "(off && x) === (x && off)",
    "(x && off) ?? on",
    "((x && off) as boolean) ?? on",
  ])("%s asks for a value, of which the truth says too little", (text) => {
    expect(truth(text)).toBeUndefined();
  });
});

function pure(text: string): boolean {
  const { source, node } = condition(text);
  return isPure(node, (one) => source.flagOf(one) !== undefined);
}

describe("isPure", () => {
  test.each([
    "on",
    "x",
    "this",
    "1",
    "!x",
    "typeof x",
    "x && on",
    "x + 1 < on",
    "x ? y : on",
    "x.y",
    "x.y?.z",
    "x[y]",
    "this.x",
    "x as T",
    "x satisfies T",
    "x!",
    "<T>x",
  ])("%s only looks", (text) => {
    expect(pure(text)).toBe(true);
  });

  test.each([
    "f()",
    "!f()",
    "delete x.y",
    "x && f()",
    "f() || x",
    "x === f()",
    "f() === x",
    "f() ? x : y",
    "x ? f() : y",
    "x ? y : f()",
    "f().x",
    "x[f()]",
    "x = y",
    "x++",
    "f() as T",
    "new X()",
    "(x, y)",
  ])("%s does something", (text) => {
    expect(pure(text)).toBe(false);
  });
});
