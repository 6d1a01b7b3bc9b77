import { describe, expect, test } from "bun:test";
import {
  checkSources,
  formatReport,
  hasErrors,
  type Source,
} from "../../src/bundle/source/project_check.ts";
import { flagsOf, type FlagState } from "./support.ts";

const TODAY = "2026-06-15";

interface Flag extends FlagState {
  readonly name: string;
}

function record(...flags: Flag[]) {
  return flagsOf(Object.fromEntries(flags.map((flag) => [flag.name, flag])));
}

const debug: Flag = { name: "DEBUG" };
const premium: Flag = { name: "PREMIUM", enabled: true };

function rules(sources: Source[], ...flags: Flag[]): string[] {
  return checkSources(sources, record(...flags), TODAY).diagnostics.map(
    ({ rule, severity, file, line, column }) => `${severity} ${rule} ${file}:${line}:${column}`,
  );
}

function uses(name: string): Source {
  return {
    file: "a.ts",
    code: `import { feature } from "bun:bundle";\nif (feature("${name}")) f();\n`,
  };
}

const live = {
  file: "live.ts",
  code: 'import { live as now } from "immuconfig/live";\nexport const on = () => now.features.DEBUG;\n',
};

describe("checkSources", () => {
  test("finds nothing in a project that is in order", () => {
    const report = checkSources([uses("DEBUG")], record(debug), TODAY);
    expect(report.diagnostics).toEqual([]);
    expect(report.uses).toEqual({
      DEBUG: [{ file: "a.ts", line: 2, column: 13, binding: "build" }],
    });
    expect(report.files).toEqual({ read: 1, using: 1 });
  });

  test("prints nothing that drives a terminal", () => {
    const source = { ...uses("A\\u009b2J"), file: "a\u001b]0;b\u0007.ts" };
    const text = formatReport(checkSources([source], record(), TODAY));
    expect(text).toStartWith(String.raw`a?]0;b?.ts:2:13: error: there is no flag "A\u009b2J"`);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test("suggests the flag that was meant", () => {
    const { diagnostics } = checkSources([uses("DEBGU")], record(debug), TODAY);
    expect(diagnostics[0]).toMatchObject({
      rule: "unknown-flag",
      fix: "Did you mean DEBUG? Define it with `bun-config feature define DEBGU`.",
    });
  });

  test.each([
    ["NEW", "Define it with `bun-config feature define NEW`."],
    ["bad name", "A flag name matches [A-Za-z][A-Za-z0-9_.-]* and has at most 60 characters."],
  ])("tells what to do about %s", (name, fix) => {
    const { diagnostics } = checkSources([uses(name)], record(), TODAY);
    expect(diagnostics[0]).toMatchObject({ fix });
  });

  test.each(["constructor", "__proto__", "toString"])("knows no flag %s", (name) => {
    expect(rules([uses(name)])).toEqual(["error unknown-flag a.ts:2:13"]);
  });

  test("warns about a flag that no source uses", () => {
    expect(rules([uses("DEBUG")], debug, premium)).toEqual([
      "warning unused-flag bunfig.lockb:1:1",
    ]);
  });

  test("refuses a retired flag, and does not ask for its use", () => {
    const retired = { ...debug, retired: true };
    expect(rules([uses("DEBUG")], retired)).toEqual(["error retired-flag a.ts:2:13"]);
    expect(rules([], retired)).toEqual([]);
  });

  test("warns about a flag from the day after its date", () => {
    expect(rules([uses("DEBUG")], { ...debug, expires: TODAY })).toEqual([]);
    expect(rules([uses("DEBUG")], { ...debug, expires: "2026-06-14" })).toEqual([
      "warning expired-flag a.ts:2:13",
    ]);
  });

  test("warns about a flag that is built in at one place and live at another", () => {
    expect(rules([uses("DEBUG"), live], debug)).toEqual(["warning live-and-build live.ts:2:25"]);
    expect(rules([live], debug)).toEqual([]);
  });

  test("sees through the scopes of a live view", () => {
    const shadowed = {
      file: "b.ts",
      code: 'import { live } from "immuconfig/live";\nfunction f(live) { return live.features.DEBUG; }\nexport { f, live };\n',
    };
    expect(checkSources([shadowed], record(debug), TODAY).uses).toEqual({ DEBUG: [] });
  });

  test("counts reads of Bun.config as uses", () => {
    const read = { file: "c.js", code: "export const on = Bun.config.features.DEBUG;" };
    expect(rules([read], debug)).toEqual([]);
  });

  test.each([
    'import { config } from "immuconfig";\nif (config.features.DEBUG) f();\n',
    'import { config } from "immuconfig";\nexport const { DEBUG } = config.features;\n',
    'import { config } from "./config.ts";\nif (config.features["DEBUG"]) f();\n',
  ])("calls no flag unused that the running program asks for: %j", (code) => {
    expect(rules([{ file: "f.ts", code }], debug)).toEqual([]);
  });

  test("takes no declaration and no other word for a use", () => {
    const unused = ["warning unused-flag bunfig.lockb:1:1"];
    const code = "interface FeatureRegistry { DEBUG: boolean }\nfeatures: FeatureRegistry;\n";
    expect(rules([{ file: "immuconfig-env.d.ts", code }], debug)).toEqual(unused);
    expect(rules([{ file: "g.ts", code: "features.DEBUGGER;" }], debug)).toEqual(unused);
    expect(rules([{ file: "h.ts", code: "process.env.DEBUG;" }], debug)).toEqual(unused);
  });

  test("counts reads of config as uses, beside calls too", () => {
    const read = {
      file: "c.ts",
      code: `import { feature } from "bun:bundle";
import { config as pinned } from "immuconfig";
if (feature("DEBUG")) f(pinned.features["PREMIUM"]);
const g = (pinned) => pinned.features.OTHER;
`,
    };
    expect(checkSources([read], record(debug, premium), TODAY).uses).toEqual({
      DEBUG: [{ file: "c.ts", line: 3, column: 13, binding: "build" }],
      PREMIUM: [{ file: "c.ts", line: 3, column: 25, binding: "frozen" }],
    });
    expect(rules([read], debug, { ...premium, retired: true })).toEqual([
      "error retired-flag c.ts:3:25",
    ]);
  });

  test("does not parse a file without a mark", () => {
    const broken = { file: "d.ts", code: "this is not (( TypeScript" };
    expect(rules([broken])).toEqual([]);
    expect(checkSources([broken], record(), TODAY).files).toEqual({ read: 1, using: 0 });
  });

  test("tells every mistake of a file, in the order of the text", () => {
    const code = `import { feature } from "bun:bundle";
const f = feature;
if (feature("DEBUG")) f("DEBUG");
export const on = feature("DEBUG");
`;
    expect(rules([{ file: "e.ts", code }], debug)).toEqual([
      "error alias e.ts:2:11",
      "error position e.ts:4:19",
    ]);
  });
});

describe("the report", () => {
  const report = checkSources([uses("DEBGU")], record(debug), TODAY);

  test("as text", () => {
    expect(formatReport(report)).toBe(
      `a.ts:2:13: error: there is no flag DEBGU [unknown-flag]
  Did you mean DEBUG? Define it with \`bun-config feature define DEBGU\`.
bunfig.lockb:1:1: warning: none of the sources that were read uses "DEBUG" [unused-flag]
  If it is done with, retire it: bun-config feature retire DEBUG
1 error, 1 warning in 1 file
`,
    );
  });

  test("only errors make it fail", () => {
    expect(hasErrors(report)).toBe(true);
    expect(hasErrors(checkSources([], record(debug), TODAY))).toBe(false);
  });
});
