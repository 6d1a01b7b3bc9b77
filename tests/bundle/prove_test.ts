import { beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openBuildFlags } from "../../src/bundle/flags/open_build_flags.ts";
import {
  type Proof,
  type ProveOptions,
  proveAbsent,
} from "../../src/bundle/analysis/proof/prove.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

const temporaryFolder = useTemporaryFolders();
const IMPORT = 'import { feature } from "bun:bundle";\n';
const APP = `${IMPORT}import { paidThing } from "./paid.ts";
if (feature("PAID")) {
  paidThing("secret price list", /paid-(\\d+)/, { discountCode: \`for é\` });
  void import("./vault.ts");
} else console.log("free for all");
console.log("always here");
`;
const FILES = {
  "app.ts": APP,
  "paid.ts": 'export const paidThing = (...x: unknown[]) => console.log("paid module says", x);\n',
  "vault.ts": 'export const vaultDoor = "opens with a key";\n',
};

let record = "";
beforeAll(() => {
  record = writeRecord(join(temporaryFolder(), "bunfig.lockb"), { PAID: {} });
});

async function prove(
  files: Readonly<Record<string, string>>,
  options: Partial<ProveOptions> = {},
  features = {},
): Promise<Proof> {
  const entry = writeFiles(temporaryFolder(), files);
  const state = openBuildFlags({ cwd: "/", env: {}, file: record }, features);
  const build = { target: "bun", ...options.build } as const;
  return proveAbsent("PAID", [entry], state, {
    scrubMaps: true,
    now: new Date(),
    ...options,
    build,
  });
}

function found({ survivors }: Proof): string[] {
  return survivors.map(({ kind, text, where }) => `${kind} ${text} ${where}`);
}

describe("a sound program", () => {
  test("leaves nothing in the bundle, its map and an executable", async () => {
    const proof = await prove(FILES);
    expect(found(proof)).toEqual([]);
    expect(proof.artefacts).toEqual(["./app.js", "./app.js.map", "the executable"]);
    expect(proof.modules.map((path) => path.replace(/.*\//, ""))).toEqual(["paid.ts", "vault.ts"]);
    expect(proof.tokens).toBeGreaterThanOrEqual(8);
  }, 20_000);

  test("may name what Bun itself writes into a bundle", async () => {
    const files = {
      "app.ts": `${IMPORT}import { x } from "./old.cjs";
import * as all from "./old.cjs";
if (feature("PAID")) {
  Object.defineProperty(all, "__esModule", { enumerable: true, configurable: x });
  console.log(all.getOwnPropertyNames);
}
{ using y = all.y; console.log(x, y, all); }
`,
      "old.cjs": "exports.x = 1;\n",
    };
    for (const target of ["browser", "bun", "node"] as const) {
      expect(found(await prove(files, { build: { target } }))).toEqual([]);
    }
  }, 20_000);

  test("may name the folders and files that it is made of", async () => {
    const files = {
      "shop/app.ts": `${IMPORT}import "./cart.ts";\nif (feature("PAID")) console.log("cart", "shop");\n`,
      "shop/cart.ts": "console.log(1);\n",
    };
    expect(found(await prove(files, { build: { target: "browser" } }))).toEqual([]);
  });

  test("has other dead branches when the flag is on", async () => {
    const proof = await prove(FILES, { files: [] }, { PAID: true });
    expect(proof).toMatchObject({ enabled: true, tokens: 1, modules: [] });
  });
});

describe("a planted leak is caught", () => {
  test("in the bundle: a module that stays for its side effects", async () => {
    const files = { ...FILES, "paid.ts": `${FILES["paid.ts"]}globalThis.paidHook = 1;\n` };
    const proof = await prove(files, { build: { target: "browser" } });
    const all = found(proof).join("\n");
    expect(all).toMatch(/^module \S*paid\.ts \.\/app\.js/m);
    expect(all).toMatch(/^identifier paidHook \.\/app\.js:\d+:\d+$/m);
  });

  test("in the bundle, and with its byte in the executable", async () => {
    const proof = await prove(FILES, { build: { banner: "// secret price list" } });
    expect(found(proof)).toContain("string secret price list ./app.js:2:4");
    expect(found(proof).join("\n")).toMatch(/string secret price list the executable, byte \d{7,}/);
  }, 20_000);

  test("in the map: the source of the dead branch", async () => {
    const proof = await prove(FILES, {
      scrubMaps: false,
      build: { target: "browser", sourcemap: "external" },
    });
    const all = found(proof).join("\n");
    expect(all).toMatch(/string secret price list \.\/app\.js\.map, source \S*app\.ts:4:14/);
    expect(all).toMatch(/string for é /);
    expect(all).not.toMatch(/ \.\/app\.js:/);
  });

  test("in a map inside the bundle", async () => {
    const proof = await prove(FILES, {
      scrubMaps: false,
      build: { target: "browser", sourcemap: "inline" },
    });
    expect(found(proof).join("\n")).toMatch(/string secret price list \.\/app\.js, inline map/);
  });

  test("in the compressed map of an executable", async () => {
    const folder = temporaryFolder();
    const entry = writeFiles(folder, FILES);
    const outfile = join(folder, "program");
    await Bun.build({
      entrypoints: [entry],
      compile: { outfile },
      sourcemap: "inline",
      minify: { syntax: true },
    });
    const proof = await prove(FILES, { files: [outfile] });
    expect(found(proof).join("\n")).toMatch(
      /string secret price list \S+program, source map at byte \d{7,}:4:14/,
    );
  }, 20_000);

  test("in a file that is named", async () => {
    const path = join(temporaryFolder(), "old.js");
    writeFileSync(path, 'console.log("x", "for \\xE9", vaultDoor);\n');
    expect(found(await prove(FILES, { files: [path] }))).toEqual([
      `string for é ${path}:1:19`,
      `identifier vaultDoor ${path}:1:30`,
    ]);
  });
});
