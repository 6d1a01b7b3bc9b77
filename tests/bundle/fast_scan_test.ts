import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { fastScan } from "../../src/bundle/source/fast_scan/fast_scan.ts";
import { languageOf } from "../../src/bundle/source/language.ts";
import {
  openAddonScanner,
  openWasmScanner,
} from "../../src/bundle/source/fast_scan/native_scan.ts";
import { parseSource } from "../../src/bundle/source/parse.ts";
import { scanTree } from "../../src/bundle/source/scan.ts";
import { loadAddon } from "../../src/native/addon.ts";
import { hasAllCores, LIBRARY_PATH } from "../support/native_cores.ts";
import { REPOSITORY } from "../support/repository.ts";

/** The names of the calls, where the source needs no parser. */
const scanned = (code: string): string[] | undefined =>
  fastScan(code, "ts")?.calls.map(({ name }) => name);
setDefaultTimeout(60_000);

const IMPORT = 'import { feature } from "bun:bundle";\n';

describe("these are read without a parser, as the parser reads them", () => {
  const sources = [
    `${IMPORT}if (feature("A")) f();\n`,
    `${IMPORT}const x = feature('A') && !feature("B") ? 1 : 2;\n`,
    `/** A doc. */\nimport x from "x";\n${IMPORT}const t = \`a \${x} b\`; // why\nif (feature("A")) f("it's");\n`,
    `${IMPORT}if (feature("A") as boolean) f();\r\n`,
    `${IMPORT}export {};\n`,
    `${IMPORT}if (x.feature("A")) g();\n`,
    `${IMPORT}// feature("A")\n`,
    `${IMPORT}if (feature("A")) f('feature("B")');\n`,
    `${IMPORT}f(\`\${feature("A") ? 1 : 2}\`);\n`,
    `/* \u{1f600} */ ${IMPORT}if (f(x) && feature("B")) g("é", a / b / c);\n`,
    `${IMPORT}export const f = () => {\n  return feature("A") ? 1 : 2;\n};\n`,
  ];
  for (const code of sources) {
    test(JSON.stringify(code.slice(IMPORT.length)), () => {
      const { calls, imports, problems } = scanTree(parseSource("a.ts", code));
      expect(problems).toEqual([]);
      const places = imports.map(({ start, end }) => ({ start, end }));
      expect(fastScan(code, "ts")).toEqual({ imports: places, calls });
    });
  }
});

describe("everything else is for the parser", () => {
  const sources = {
    "an alias": `${IMPORT}const f = feature;\n`,
    "another name": 'import { feature as f } from "bun:bundle";\nif (f("A")) g();\n',
    "a namespace": 'import * as b from "bun:bundle";\nif (b.feature("A")) g();\n',
    "a re-export": `${IMPORT}export { feature };\n`,
    "another module form": `${IMPORT}const m = await import("bun:bundle");\n`,
    new: `${IMPORT}if (new feature("A")) g();\n`,
    "a tagged template": `${IMPORT}if (feature\`A\`) g();\n`,
    "a sequence": `${IMPORT}if ((0, feature)("A")) g();\n`,
    call: `${IMPORT}if (feature.call(0, "A")) g();\n`,
    shadowing: `${IMPORT}function g(feature: F) { if (feature("A")) h(); }\n`,
    "an escape": `${IMPORT}const f = f\\u0065ature;\n`,
    "Bun.config": `${IMPORT}f(Bun.config.version);\n`,
    "no import": 'if (feature("A")) f();\n',
  };
  for (const [name, code] of Object.entries(sources)) {
    test(name, () => expect(scanned(code)).toBeUndefined());
  }
});

test("any text gets an answer", () => {
  const piece = fc.oneof(
    fc.constantFrom(IMPORT, 'feature("A")', "if (", "`${", "}", "/", "\\", "?", "Bun", "\u{1f600}"),
    fc.string({ unit: "binary", maxLength: 3 }),
    fc.constantFrom(..."\"'`(){}[]<>/\\*#@!?:;.,=&|+-\n\r\0\u2028\ud800".split("")),
  );
  const addon = openAddonScanner();
  const wasm = openWasmScanner();
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.constantFrom("a.ts", "a.jsx"),
      (parts, file) => {
        const code = parts.join("");
        expect(fastScan(code, languageOf(file), addon)).toEqual(
          fastScan(code, languageOf(file), wasm),
        );
      },
    ),
    { numRuns: 5_000 },
  );
});

describe.skipIf(!hasAllCores || process.platform === "win32")("the library", () => {
  const code = new TextEncoder().encode(`${IMPORT}if (feature("A") && feature("B")) f();\n`);

  test("counts the calls", () => {
    expect(look(code, code.length, new Uint32Array(14))).toBe(2);
  });

  test("reads and writes nothing outside of what it is given", () => {
    const text = "text" as unknown as Uint8Array;
    const other = new Uint16Array(64) as unknown as Uint32Array;
    expect(look(code, code.length + 1, new Uint32Array(14))).toBeUndefined();
    expect(look(code, code.length, new Uint32Array(13))).toBeUndefined();
    expect(look(code, code.length, new Uint32Array(1))).toBeUndefined();
    expect(look(code, code.length, other)).toBeUndefined();
    expect(look(text, text.length, new Uint32Array(14))).toBeUndefined();
  });

  test("is not needed", async () => {
    const script = `import { openAddonScanner, openScanner } from "./native_scan.ts";
      console.log(openAddonScanner() === undefined, openScanner() !== undefined);`;
    const { stdout } = Bun.spawn([process.execPath, "--no-addons", "-"], {
      cwd: join(REPOSITORY, "src", "bundle", "source", "fast_scan"),
      stdin: new Blob([script]),
    });
    expect(await stdout.text()).toBe("true true\n");
  });
});

function look(input: Uint8Array, size: number, results: Uint32Array): number | undefined {
  return loadAddon(LIBRARY_PATH).fastScan(input, size, 1, results);
}
