/** The ledger of a pushed bundle: built by the server's threads, kept on both databases, and as bun-config has it. */

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, type Database, startOn } from "./databases.ts";
import { sourcesOf } from "./ledger_sources.ts";
import { type Answered, makeShop, type Plane, SHOP } from "./support.ts";

setDefaultTimeout(90_000);
const temporaryFolder = useTemporaryFolders();
const FILE = {
  ...PLAIN_FILE,
  flags: [
    { bit: 2, name: "DEBUG" },
    { bit: 3, name: "CART" },
    { bit: 4, name: "UNUSED" },
  ],
  record: { ...PLAIN_FILE.record, featureFlags: 4n },
  meta: { ...PLAIN_FILE.meta, project: "shop" },
};
const IMPORT = 'import { feature } from "bun:bundle";\n';

/** Paths of tsconfig.json, a package without effects, one behind a link, a component, JSX, nested flags. */
const APP = {
  "package.json": '{"name":"app","dependencies":{}}',
  "tsconfig.json": `{"compilerOptions":{"jsx":"react","jsxFactory":"h",/* as here */"paths":{"@/*":["./src/*"]}}}`,
  "src/app.tsx": `${IMPORT}import { config } from "immuconfig";
import { cart } from "@/cart";
import { used } from "quiet";
import { linked } from "linked";
const h = (...parts: unknown[]) => parts;
console.log(used, linked, <b>text</b>);
if (feature("DEBUG")) void import("./debug.ts");
if (config.features.CART) cart();
if (Bun.config.features.CART) console.log("by the global");
`,
  "src/cart.ts": 'export const cart = (): void => console.log("a cart that takes some room");\n',
  "src/debug.ts": `${IMPORT}console.log("debug", feature("CART") ? "and the cart inside of it" : "");\n`,
  "node_modules/quiet/package.json": '{"name":"quiet","sideEffects":false,"main":"index.js"}',
  "node_modules/quiet/index.js":
    'export { other } from "./lib/other.js";\nimport "./effect.js";\nexport const used = 1;\n',
  "node_modules/quiet/lib/other.js": 'import "../effect.js";\nexport const other = 2;\n',
  "node_modules/quiet/effect.js": 'console.log("an effect that nobody asked for");\n',
  "packages/linked/package.json": '{"name":"linked","exports":"./main.js"}',
  "packages/linked/main.js": 'export const linked = "linked";\n',
};

function writeApp(folder: string): void {
  for (const [path, text] of Object.entries(APP)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync(join(folder, "packages/linked"), join(folder, "node_modules/linked"), "junction");
  writeConfigFile(folder, FILE);
}

describe.each(DRIVERS)("on %s", (driver) => {
  let database: Database;
  let plane: Plane;
  let data: string;

  beforeAll(async () => {
    data = temporaryFolder();
    database = await startOn(driver, data);
    ({ plane } = database);
    await makeShop(plane, encodeFile(FILE));
  });

  afterAll(async () => {
    expect(plane.faults).toEqual([]);
    await database[Symbol.asyncDispose]();
  }, 30_000);

  /** Pushes, and waits for the end. */
  async function push(sources: Uint8Array): Promise<Answered["body"]> {
    const { status, body, headers } = await plane.call("POST", `${SHOP}/ledgers`, sources);
    expect({ status, body }).toMatchObject({ status: 202, body: { state: "running" } });
    return ended(headers.get("location") ?? "");
  }

  async function ended(at: string): Promise<Answered["body"]> {
    while (true) {
      const { body } = await plane.call("GET", at);
      if (body.state !== "running") return body;
      expect(body.built).toBeLessThanOrEqual(body.total);
      await Bun.sleep(20);
    }
  }

  const leftovers = (): string[] =>
    existsSync(join(data, "ledgers")) ? readdirSync(join(data, "ledgers")) : [];

  test("it is what bun-config finds where the sources are, to the byte", async () => {
    const folder = temporaryFolder();
    writeApp(folder);
    const env = {
      IMMUCONFIG_SERVER: String(plane.server.url),
      IMMUCONFIG_TOKEN: plane.token,
      IMMUCONFIG_ENVIRONMENT: "live",
    };
    const cli = (...args: string[]): Promise<RunResult> =>
      run([BUN, CLI, ...args], { cwd: folder, env });
    const build = ["src/app.tsx", "--target", "bun", "--minify-whitespace"];
    const here = JSON.parse((await cli("ledger", ...build, "--json")).stdout);
    expect(await cli("ledger", ...build, "--sources", "sources.json")).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Wrote sources.json: \d+ files/),
    });
    const before = (await plane.call("GET", SHOP)).body;
    const pushed = await cli("push", "--ledger", "sources.json", "--json");
    expect(JSON.parse(pushed.stdout)).toEqual({ pushed: false, builds: here.builds });
    const { status, body: there, etag } = await plane.call("GET", `${SHOP}/ledger`);
    expect(status).toBe(200);
    const { total, modules, builds, flags, interactions } = here;
    expect(there).toEqual({
      generation: FILE.generation,
      record: here.record,
      entrypoints: ["src/app.tsx"],
      bun: Bun.version,
      total,
      modules,
      builds,
      flags,
      interactions,
      uncounted: [],
    });
    // It holds what it is to hold, or two that are both wrong would agree.
    expect(flags.map(({ name }: { name: string }) => name)).toEqual(["DEBUG", "CART", "UNUSED"]);
    expect(flags[0]).toMatchObject({ enabled: true, modules: [{ path: "src/debug.ts" }] });
    expect(flags[1].removes.raw).toBeGreaterThan(40);
    expect(interactions).toMatchObject([{ flags: ["CART", "DEBUG"] }]);
    // It is in the log, and makes nobody's switch stale.
    const after = (await plane.call("GET", SHOP)).body;
    expect(after.version).toBe(before.version);
    expect(after.ledger).toMatchObject({ generation: FILE.generation, digest: etag.slice(1, -1) });
    const { history } = (await plane.call("GET", `${SHOP}/history`)).body;
    expect(history[0].change).toMatchObject({ kind: "ledger.built", digest: after.ledger.digest });
    const known = await plane.call("GET", `${SHOP}/ledger`, undefined, { "if-none-match": etag });
    expect(known.status).toBe(304);
    expect(leftovers()).toEqual([]);
  });

  const folder = temporaryFolder();
  const spot = join(folder, "ran");
  writeFileSync(join(folder, "secret.txt"), "a secret of the server");
  const out = join(folder, "secret.txt").replaceAll("\\", "/");
  const note = `writeFileSync(${JSON.stringify(spot)}, "x")`;
  const HOSTILE: [string, Uint8Array, RegExp][] = [
    [
      "a macro",
      sourcesOf({
        "a.ts": `import { writeFileSync } from "node:fs" with { type: "macro" };\n${note};`,
      }),
      /macros cannot be run/,
    ],
    [
      "a macro whose type is spelt otherwise",
      sourcesOf({
        "a.ts": `import { writeFileSync } from "node:fs" with { type: "m\\u0061cro" };\n${note};`,
      }),
      /macros cannot be run/,
    ],
    [
      "a macro of the old spelling",
      sourcesOf({ "a.ts": `import { writeFileSync } from "macro:node:fs";\n${note};` }),
      /macros cannot be run/,
    ],
    [
      "a file of the server as text",
      sourcesOf({
        "a.ts": `import text from ${JSON.stringify(out)} with { type: "text" };\nconsole.log(text);`,
      }),
      /leads out of the sources/,
    ],
    [
      "one that is found on the way up",
      sourcesOf({ "a.ts": 'import "../../../../../online.key";' }),
      /leads out of the sources/,
    ],
    [
      "a style that imports one",
      sourcesOf({
        "a.ts": 'import "./a.css";',
        "a.css": `a { background: url(${JSON.stringify(out)}) }`,
      }),
      /leads out of the sources/,
    ],
    [
      "a package that leads out",
      sourcesOf({ "a.ts": 'import "p";', "node_modules/p/package.json": `{"main":"../../../x"}` }),
      /node_modules\/p\/package.json leads out of its package/,
    ],
    // There or not, the answer is one.
    ...["secret.txt", "no.txt"].flatMap((name) => {
      const path = JSON.stringify(join(folder, name).replaceAll("\\", "/"));
      return [
        `import ${path};`,
        `import ${path}; import "./b.ts";`,
        `try { require(${path}) } catch {}`,
        `import(${path}).catch(() => 1);`,
      ].map((text): [string, Uint8Array, RegExp] => [
        text.replace(path, name),
        sourcesOf({ "a.ts": text, "b.ts": "const = ;" }),
        /^an import leads out of the sources, or to nothing in them\n {2}a\.ts asks for "[^"]+"$/,
      ]);
    }),
    ["an entry point that is not there", sourcesOf({ "b.ts": "" }), /ModuleNotFound|not found/],
    ["what is no source", sourcesOf({ "a.ts": "const = ;" }), /a\.ts:1:/],
    ["parentheses without an end", sourcesOf({ "a.ts": "(".repeat(100_000) }), /a\.ts|ended/],
    [
      "a path that leads out",
      sourcesOf({ "../a.ts": "" }),
      /files\.0\.path.*into the pushed folder/,
    ],
    ["an absolute path", sourcesOf({ "/a.ts": "" }), /files\.0\.path/],
    ["a path with a drive", sourcesOf({ "c:/a.ts": "" }), /files\.0\.path/],
    ["a file twice on some disks", sourcesOf({ "a.ts": "", "A.ts": "" }), /is there twice/],
    ["a file in a file", sourcesOf({ "a.ts": "", "a.ts/b.ts": "" }), /cannot be written/],
    [
      "folders without an end",
      sourcesOf({ [`${"a/".repeat(40)}a.ts`]: "" }),
      /into the pushed folder/,
    ],
    ["an option with a path", sourcesOf({ "a.ts": "" }, { build: { outdir: "/" } }), /build/],
    ["a plugin", sourcesOf({ "a.ts": "" }, { build: { plugins: [] } }), /build/],
    ["more than is known", sourcesOf({ "a.ts": "" }, { more: 1 }), /more/],
    ["no JSON", new TextEncoder().encode("[".repeat(1_000_000)), /no JSON/],
    ["bytes", new Uint8Array([0xff, 0xfe, 0]), /no JSON/],
    ["nothing", new Uint8Array(), /no JSON/],
  ];
  test.each(HOSTILE)("%s is not built, and says why", async (_, sources, why) => {
    const before = (await plane.call("GET", SHOP)).body.ledger;
    const { state, problem } = await push(sources);
    expect({ state, problem }).toEqual({ state: "failed", problem: expect.stringMatching(why) });
    expect(problem).not.toContain(data);
    expect(problem).not.toContain("a secret of the server");
    expect(existsSync(spot)).toBe(false);
    expect((await plane.call("GET", SHOP)).body.ledger).toEqual(before);
    expect(leftovers()).toEqual([]);
  });

  test("settings among the sources start nothing", async () => {
    const preload = 'preload = ["./evil.ts"]\n';
    const evil = `require("node:fs").${note}`;
    const { state, problem } = await push(
      sourcesOf({
        "a.ts": 'import { join } from "node:path";\nconsole.log(join("a", "b"));',
        "bunfig.toml": preload,
        ".env": "NODE_OPTIONS=--require=./evil.ts",
        "evil.ts": evil,
        "tsconfig.json": '{"compilerOptions":{"paths":{"*":["./evil.ts"]}}}',
        "package.json": '{"bun":{"macros":{"node:path":{"join":"join"}}}}',
      }),
    );
    expect({ state, problem }).toEqual({ state: "done", problem: null });
    expect(existsSync(spot)).toBe(false);
  });

  test("a reader looks and pushes nothing; another environment does not see the run", async () => {
    const token = async (role: string): Promise<{ authorization: string }> => {
      const scope = { project: "shop", environment: "live" };
      const { body } = await plane.call("POST", "/v1/tokens", { name: role, role, ...scope });
      return { authorization: `Bearer ${body.secret}` };
    };
    const reader = await token("reader");
    const sources = sourcesOf({ "a.ts": "console.log(1);" });
    expect((await plane.call("POST", `${SHOP}/ledgers`, sources, reader)).status).toBe(403);
    const writer = await token("writer");
    const started = await plane.call("POST", `${SHOP}/ledgers`, sources, writer);
    expect(started.status).toBe(202);
    const { ledger } = started.body;
    expect((await plane.call("GET", `${SHOP}/ledgers/${ledger}`, undefined, reader)).status).toBe(
      200,
    );
    await plane.call("POST", "/v1/projects/shop/environments", { environment: "test" });
    const elsewhere = "/v1/projects/shop/environments/test";
    expect((await plane.call("GET", `${elsewhere}/ledgers/${ledger}`)).status).toBe(404);
    expect(await plane.call("POST", `${elsewhere}/ledgers`, sources)).toMatchObject({
      status: 422,
      body: { detail: "push a record first" },
    });
    expect((await plane.call("GET", `${elsewhere}/ledger`)).status).toBe(404);
    expect((await ended(`${SHOP}/ledgers/${ledger}`)).state).toBe("done");
  });

  test("who lost the right meanwhile keeps nothing", async () => {
    const hour = 60 * 60 * 1000;
    const expires = plane.clock.now + hour;
    const wish = { name: "job", role: "writer", project: "shop", environment: "live", expires };
    const { body: made } = await plane.call("POST", "/v1/tokens", wish);
    const before = (await plane.call("GET", SHOP)).body.ledger;
    const sources = sourcesOf({ "a.ts": "console.log('by nobody');" });
    const headers = { authorization: `Bearer ${made.secret}` };
    const started = await plane.call("POST", `${SHOP}/ledgers`, sources, headers);
    plane.clock.now += 2 * hour;
    const end = await ended(started.headers.get("location") ?? "");
    expect(end).toMatchObject({ state: "failed", problem: expect.stringContaining("token") });
    expect((await plane.call("GET", SHOP)).body.ledger).toEqual(before);
  });

  test("a run that is cancelled ends, with most of its builds not done", async () => {
    const flags = Array.from({ length: 200 }, (_, bit) => ({ bit, name: `F${bit}` }));
    const slow = "/v1/projects/shop/environments/slow";
    await plane.call("POST", "/v1/projects/shop/environments", { environment: "slow" });
    const { etag } = await plane.call("GET", slow);
    const record = encodeFile({ ...FILE, flags });
    const pushed = await plane.call("PUT", `${slow}/record`, record, { "if-match": etag });
    expect(pushed.status).toBe(200);
    const sources = sourcesOf({ "a.ts": "console.log(1);" });
    const started = await plane.call("POST", `${slow}/ledgers`, sources);
    expect(started.body).toMatchObject({ state: "running", total: 201 });
    const at = started.headers.get("location") ?? "";
    expect((await plane.call("DELETE", at)).status).toBe(204);
    const end = await ended(at);
    expect(end).toMatchObject({ state: "cancelled", problem: "it was cancelled" });
    expect(end.built).toBeLessThan(201);
    expect((await plane.call("GET", slow)).body.ledger).toBeNull();
    expect((await plane.call("GET", `${SHOP}/ledgers/none`)).status).toBe(404);
  });

  test("of three at once the third waits for its place", async () => {
    const cwd = temporaryFolder();
    writeConfigFile(cwd, FILE);
    const sources = sourcesOf({ "a.ts": "console.log(1);" });
    writeFileSync(join(cwd, "sources.json"), sources);
    const slow = "/v1/projects/shop/environments/slow/ledgers";
    const others: string[] = [];
    while (others.length < 2) {
      const { headers } = await plane.call("POST", slow, sources);
      others.push(headers.get("location") ?? "");
    }
    expect(await plane.call("POST", `${SHOP}/ledgers`, sources)).toMatchObject({ status: 429 });
    const third = Bun.spawn([BUN, CLI, "push", "--ledger", "sources.json", "--json"], {
      cwd,
      env: {
        PATH: process.env["PATH"],
        IMMUCONFIG_SERVER: String(plane.server.url),
        IMMUCONFIG_TOKEN: plane.token,
        IMMUCONFIG_ENVIRONMENT: "live",
      },
      stdout: "pipe",
      stderr: "pipe",
    });
    const said = await third.stderr.getReader().read();
    expect(new TextDecoder().decode(said.value)).toContain(
      "2 ledgers are under way, and no more go on at once; waiting for one to end",
    );
    for (const other of others) {
      expect((await plane.call("DELETE", other)).status).toBe(204);
      await ended(other);
    }
    expect(await third.stdout.json()).toMatchObject({ pushed: false, builds: 4 });
  });

  test("a frozen environment takes none", async () => {
    const { etag } = await plane.call("GET", SHOP);
    const frozen = { "if-match": etag };
    expect((await plane.call("PUT", `${SHOP}/freeze`, { reason: "r" }, frozen)).status).toBe(204);
    const sources = sourcesOf({ "a.ts": "console.log(1);" });
    expect((await plane.call("POST", `${SHOP}/ledgers`, sources)).status).toBe(423);
  });
});

test("what cannot be built elsewhere, or is of another mode, is refused where it is", async () => {
  const folder = temporaryFolder();
  writeApp(folder);
  writeFileSync(join(folder, "page.html"), '<script src="./src/cart.ts"></script>');
  const cli = (...args: string[]): Promise<RunResult> =>
    run([BUN, CLI, "ledger", ...args, "--sources", "s.json"], { cwd: folder });
  for (const [args, exitCode, why] of [
    [["src/app.tsx", "--env", "inline"], 2, "the option env has no meaning on another machine"],
    [["src/app.tsx", "--external", "./src/cart.ts"], 2, "--external ./src/cart.ts, a path"],
    [["page.html"], 2, "the page"],
    [["src/app.tsx", "--html", "l.html"], 2, "--sources builds nothing"],
    [["src/app.tsx", "--budget", "DEBUG=1kB"], 2, "--sources builds nothing"],
  ] as const) {
    const { exitCode: code, stderr } = await cli(...args);
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.stringContaining(why) });
    expect(existsSync(join(folder, "s.json"))).toBe(false);
  }
  const missing = ["push", "--ledger", "none.json", "--server", "http://127.0.0.1:1"];
  expect(await run([BUN, CLI, ...missing], { cwd: folder })).toMatchObject({ exitCode: 3 });
});

test("a folder whose name begins with two dots is one of the sources'", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "..drafts"));
  writeFileSync(join(folder, "a.ts"), 'import "./..drafts/b.ts";\n');
  writeFileSync(join(folder, "..drafts/b.ts"), 'console.log("b");\n');
  writeConfigFile(folder, FILE);
  const ledger = [BUN, CLI, "ledger", "a.ts", "--sources", "s.json"];
  expect(await run(ledger, { cwd: folder })).toMatchObject({ exitCode: 0 });
  const { cwd, files } = JSON.parse(readFileSync(join(folder, "s.json"), "utf8"));
  const paths = files.map(({ path }: { path: string }) => path);
  expect({ cwd, paths }).toEqual({ cwd: "", paths: ["a.ts", "..drafts/b.ts"] });
});
