import { expect, test } from "bun:test";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { type OptionSpec, parsePlainWords } from "../../src/cli/args/arguments.ts";

const SPECS = {
  outfile: { type: "string", summary: "" },
  feature: { type: "string", multiple: true, summary: "" },
  external: { type: "string", multiple: true, short: "e", summary: "" },
  json: { type: "boolean", summary: "" },
  quiet: { type: "boolean", short: "q", summary: "" },
} as const satisfies Record<string, OptionSpec>;

const WORD = fc.oneof(
  fc.constantFrom("app.ts", "--", "-", "", "-q", "-e", "-eq", "--json", "--json=1", "--no", "-x"),
  fc.constantFrom("--outfile", "--outfile=", "--outfile=a=b", "--feature", "--feature=A", "--="),
  fc.constantFrom("--external", "--external=x", "--quiet", "--toString", "--__proto__", "---"),
);

/** What node:util makes of the words, or nothing when it refuses them. */
function reference(words: readonly string[]) {
  try {
    const { positionals, values } = parseArgs({
      args: words,
      options: SPECS,
      allowPositionals: true,
      strict: true,
    });
    return { operands: positionals, values };
  } catch {
    return undefined;
  }
}

test("plain words mean what node:util says they mean", () => {
  let plain = 0;
  fc.assert(
    fc.property(fc.array(WORD, { maxLength: 6 }), (words) => {
      const parsed = parsePlainWords(words, SPECS);
      if (parsed === undefined) return;
      plain++;
      const wanted = reference(words);
      expect([...parsed.operands]).toEqual(wanted?.operands ?? ["refused"]);
      for (const [name, value] of Object.entries(SPECS)) {
        const given = Object.entries(wanted?.values ?? {}).find(([key]) => key === name)?.[1];
        expect(parsed.isGiven(name)).toBe(given !== undefined);
        if (value.type === "boolean") expect(parsed.has(name)).toBe(given === true);
        else expect([...parsed.values(name)]).toEqual([given ?? []].flat().map(String));
      }
    }),
    { numRuns: 3000 },
  );
  expect(plain).toBeGreaterThan(500);
});

test("common words need no node:util", () => {
  for (const words of [
    ["a.ts", "--outfile", "b.js"],
    ["--feature", "A", "--feature=B", "a.ts", "--json"],
    ["--", "--outfile"],
  ]) {
    expect(parsePlainWords(words, SPECS)).toBeDefined();
  }
});
