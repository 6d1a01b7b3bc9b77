import { expect, test } from "bun:test";
import { scanSource } from "../../src/bundle/source/scan.ts";
import { MODULES } from "./fixtures/modules.ts";
import { VALID } from "./fixtures/valid.ts";

/** An alias of the function in a scope of its own makes the scan analyse all scopes. */
const DOUBT = "\n{ const doubt = (feature, f, Bun) => [feature, f, Bun]; }\n";

const sources = [...VALID, ...MODULES].flatMap(({ name, files }) =>
  Object.entries(files)
    .filter(([path]) => /\.[jt]sx?$/.test(path))
    .map(([path, code]) => [`${name}/${path}`, code] as const),
);

test.each(sources)("the quick walk and the one with scopes see the same in %s", (path, code) => {
  const quick = scanSource(code, path);
  const scoped = scanSource(code + DOUBT, path);
  expect(scoped.calls).toEqual(quick.calls);
  expect(scoped.reads).toEqual(quick.reads);
  expect(scoped.problems).toEqual(quick.problems);
});
