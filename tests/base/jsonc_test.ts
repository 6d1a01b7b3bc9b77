import { expect, test } from "bun:test";
import { parseJsonc } from "../../src/base/jsonc.ts";

test.each([
  ['{"a": [1, 2,], /* , */ } // end', { a: [1, 2] }],
  ['{"a": "//, ]", "b\\"": "/* */,}"}', { a: "//, ]", 'b"': "/* */,}" }],
  ["[1 /* a */, // b\n]", [1]],
  ['"plain"', "plain"],
])("%s", (text, value) => {
  expect(parseJsonc(text)).toEqual(value);
});

// What takes the square of a million steps does not end within the time of a test.
test.each(["/*", ",/**/", '"\\', ", ", ",//\n", "[ ", '"'])(
  "a long row of %p is refused soon",
  (piece) => {
    expect(() => parseJsonc(piece.repeat(1_000_000 / piece.length))).toThrow(SyntaxError);
  },
);

test.each(["", "1,//}", "{} /*", "[,]", "{,}", "[1,,]", "{a: 1}", "/* open", '"a', "[1] [2]"])(
  "%p is refused",
  (text) => {
    expect(() => parseJsonc(text)).toThrow(SyntaxError);
  },
);
