import { beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { BunPlugin } from "bun";
import { readArtefact } from "../../src/bundle/analysis/proof/artefact.ts";
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

describe("no proof, and no leak", () => {
  test("what reads the record alone in the dead branch leaves nothing of the package", async () => {
    const files = {
      "app.ts": `${IMPORT}import { config } from "immuconfig";\nif (feature("PAID")) console.log(config.registry.url);\n`,
    };
    const proof = await prove(files, { build: { target: "bun" } });
    expect(found(proof)).toEqual([]);
    expect(proof.unseen).toEqual([]);
  }, 20_000);

  test("an input that is not on the disk is named", async () => {
    const plugin: BunPlugin = {
      name: "virtual",
      setup(builder) {
        builder.onResolve({ filter: /^virtual$/ }, () => ({ path: "text", namespace: "virtual" }));
        builder.onLoad({ filter: /^/, namespace: "virtual" }, () => ({
          contents: "export const a = 1;",
          loader: "js",
        }));
      },
    };
    const files = { "app.ts": 'import { a } from "virtual";\nconsole.log(a);\n' };
    const proof = await prove(files, { build: { target: "browser", plugins: [plugin] } });
    expect(proof.unseen).toEqual([expect.stringMatching(/^virtual:text: it is not on the disk$/)]);
  });

  test("a file whose texts do not stand in its bytes is no proof", async () => {
    const leak = Buffer.from('console.log("secret price list");\n');
    const packed: [string, Buffer, string][] = [
      ["out/app.js.gz", gzipSync(leak), "packed by gzip"],
      ["out/app.js.br", brotliCompressSync(leak), "packed by Brotli"],
      ["out/app.js.zst", zstdCompressSync(leak), "packed by zstd"],
      ["out/app.zip", Buffer.from("PK\u0003\u0004 and so on"), "a zip archive"],
      ["out/app.js", Buffer.from(`\ufeff${leak.toString()}`, "utf16le"), "text in UTF-16"],
    ];
    for (const [name, bytes, what] of packed) {
      expect(readArtefact(name, bytes).unseen).toEqual([
        `${name}: it is ${what}: name what is in it`,
      ]);
    }
    expect(readArtefact("out/app.js", leak).unseen).toEqual([]);
  });

  test("parts of an executable that unpack to more than there is room for are counted", () => {
    const frame = zstdCompressSync(Buffer.alloc(24 * 1024 * 1024));
    const body = Buffer.concat(Array.from({ length: 8 }, () => frame));
    const offsets = Buffer.alloc(32);
    offsets.writeBigUInt64LE(BigInt(body.length));
    const bytes = Buffer.concat([body, offsets, Buffer.from("\n---- Bun! ----\n")]);
    const { texts, unseen } = readArtefact("program", bytes);
    expect(texts.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(150 * 1024 * 1024);
    expect(unseen).toEqual(["program: 3 compressed parts, which are more than it may unpack"]);
  }, 60_000);
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

  test("behind a guard: the switch, the constant and the module", async () => {
    const guard = `${IMPORT}import { newTotal } from "./total.ts";
function total(kind: number): string {
  if (!feature("PAID")) return "plain";
  switch (kind) { case 2: return "unreleased switch text"; }
  return "unreleased text" + newTotal();
}
console.log(total(Date.now()));
`;
    const total = 'export const newTotal = () => "unreleased module text";\n';
    const proof = await prove(
      { "app.ts": guard, "total.ts": total },
      { build: { target: "browser" } },
    );
    const all = found(proof).join("\n");
    expect(all).toMatch(/string unreleased switch text \.\/app\.js:\d+:\d+/);
    expect(all).toMatch(/string unreleased module text /);
    expect(all).toMatch(/module \S*total\.ts /);
    expect(all).not.toMatch(/app\.js\.map, source/);
  });

  test("declarations that only the code behind a guard uses, and a licence's comment", async () => {
    const files = {
      "app.ts": `${IMPORT}import { paid, plain } from "./shared.ts";
const local = () => "unreleased local text";
enum Kind { Gold = "unreleased kind" }
/*! in the program */
function total() {
  if (!feature("PAID")) return plain();
  return paid() + local() + Kind.Gold;
}
console.log(total());
if (feature("PAID")) { /*! unreleased licence */ console.log(1); }
`,
      "shared.ts": `export const plain = () => "plain";
export function paid() { return "unreleased shared text" + inner(); }
const inner = () => "unreleased inner text";
export const spare = () => "used by nobody";
`,
    };
    const all = found(await prove(files, { build: { target: "browser" } })).join("\n");
    for (const text of ["local text", "shared text", "inner text", "licence"]) {
      expect(all).toMatch(new RegExp(`string unreleased ${text} \\./app\\.js:`));
    }
    expect(all).not.toContain("nobody");
    expect(all).not.toContain("in the program");
    // The map is written without them.
    expect(all).not.toMatch(/app\.js\.map, source/);
  });

  test("in a file of its own, and inside the executable", async () => {
    const files = {
      "app.ts": `${IMPORT}import image from "./paid.png";
import text from "./free.txt";
if (feature("PAID")) console.log(image); else console.log(text);
`,
      "paid.png": "\u0089PNG the picture that is for those who pay",
      "free.txt": "a text for everybody\n",
    };
    const all = found(await prove(files)).join("\n");
    expect(all).toMatch(/module \S*paid\.png \.\/paid-\w+\.png/);
    expect(all).toMatch(/module \S*paid\.png the executable/);
    expect(all).not.toContain("free.txt");
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
