import { describe, expect, test } from "bun:test";
import { parseArgs } from "node:util";
import fc from "fast-check";
import { parseArguments, usageError } from "../../src/cli/args/arguments.ts";
import { GLOBAL_OPTIONS, type OptionSpec } from "../../src/cli/args/words.ts";

const SPECS = {
  outfile: { value: "FILE", summary: "" },
  feature: { multiple: true, value: "NAME", summary: "" },
  external: { multiple: true, short: "e", value: "NAME", summary: "" },
} as const satisfies Record<string, OptionSpec>;

const ALL: Readonly<Record<string, OptionSpec>> = { ...SPECS, ...GLOBAL_OPTIONS };
const REFERENCE = Object.fromEntries(
  Object.entries(ALL).map(([name, { short, multiple = false, value }]) => {
    const type = value === undefined ? ("boolean" as const) : ("string" as const);
    return [name, { type, multiple, ...(short === undefined ? {} : { short }) }];
  }),
);

const WORD = fc.oneof(
  fc.constantFrom("app.ts", "--", "-", "", "-q", "-e", "-eq", "-qe", "-qhe", "-ex", "-q=", "-x"),
  fc.constantFrom("--json", "--json=1", "--json=", "--no", "--outfile", "--outfile=", "--="),
  fc.constantFrom("--outfile=a=b", "--feature", "--feature=A", "--external", "--external=x"),
  fc.constantFrom("--quiet", "--toString", "--__proto__", "---", "--outfile=--quiet", "-5"),
);

/** What node:util makes of the words, or nothing when it refuses them. */
function reference(words: readonly string[]) {
  try {
    return parseArgs({ args: words, options: REFERENCE, allowPositionals: true, strict: true });
  } catch {
    return undefined;
  }
}

function ours(words: readonly string[]) {
  try {
    return parseArguments(words, SPECS);
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_USAGE" });
    return undefined;
  }
}

test("words mean what node:util says they mean, and it refuses the same ones", () => {
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(WORD, { maxLength: 6 }), (words) => {
      const parsed = ours(words);
      const wanted = reference(words);
      expect(parsed === undefined).toBe(wanted === undefined);
      if (parsed === undefined || wanted === undefined) {
        refused++;
        return;
      }
      read++;
      expect([...parsed.operands]).toEqual(wanted.positionals);
      for (const [name, { type }] of Object.entries(REFERENCE)) {
        const given = Object.entries(wanted.values).find(([key]) => key === name)?.[1];
        expect(parsed.isGiven(name)).toBe(given !== undefined);
        if (type === "boolean") expect(parsed.has(name)).toBe(given === true);
        else expect(parsed.value(name)).toBe([given ?? []].flat().map(String).at(-1));
        if ("multiple" in (ALL[name] ?? {}))
          expect([...parsed.values(name)]).toEqual([given ?? []].flat().map(String));
      }
    }),
    { numRuns: 5000 },
  );
  expect(read).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(500);
});

describe("what is refused says why", () => {
  const cases: [words: string[], message: string, hint: string | undefined][] = [
    [["--outfle", "x"], "there is no option --outfle", "Did you mean --outfile?"],
    [["-x"], "there is no option -x", undefined],
    [["--json=x"], "--json takes no value", undefined],
    [["--outfile"], "--outfile needs a value", undefined],
    [
      ["-e", "--json"],
      "-e needs a value, and --json is an option",
      "A value that starts with a dash stands in the same word: -e=--json",
    ],
  ];
  test.each(cases)("%p", (words, message, hint) => {
    expect(() => parseArguments(words, SPECS)).toThrow(usageError(message, hint));
    try {
      parseArguments(words, SPECS);
    } catch (error) {
      expect(error).toMatchObject({ message, hint });
    }
  });
});

test("a bare option has the value that its specification gives it, and takes no word", () => {
  const options: Record<string, OptionSpec> = {
    sourcemap: { value: "KIND", whenBare: "linked", summary: "" },
  };
  const bare = parseArguments(["--sourcemap", "app.ts"], options);
  expect([bare.value("sourcemap"), bare.operands]).toEqual(["linked", ["app.ts"]]);
  expect(parseArguments(["--sourcemap=none"], options).value("sourcemap")).toBe("none");
});
