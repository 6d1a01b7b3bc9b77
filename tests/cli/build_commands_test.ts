import { beforeEach, describe, expect, test, setDefaultTimeout } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bootstrapFile, cli, writeFiles, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();
const IMPORT = 'import { feature } from "bun:bundle";\n';
const APP = `${IMPORT}if (feature("DEBUG")) {
  console.log("debugging");
} else {
  console.log("quiet");
}
`;
const OFF_RECORD = "014074c8c80000000001185029";
const ON_RECORD = "014074c8c80400000001185099";

let cwd = "";
beforeEach(async () => {
  cwd = temporaryFolder();
  await bootstrapFile(cwd);
  writeFiles(cwd, { "src/app.ts": APP });
});

async function ok(...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await cli(words, { cwd });
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${stdout}${stderr}`);
  return stdout;
}

async function fails(exitCode: number, ...words: string[]): Promise<string> {
  const result = await cli(words, { cwd });
  expect(`${result.exitCode}`).toBe(`${exitCode}`);
  return result.stdout + result.stderr;
}

describe("build", () => {
  test("writes what the record says, and an override when asked", async () => {
    await ok("build", "src/app.ts", "--outfile", "dist/app.js");
    expect((await run(["bun", "dist/app.js"], { cwd })).stdout).toBe("quiet\n");
    const { stdout, stderr } = await cli(
      ["build", "src/app.ts", "--feature", "DEBUG", "--outdir", "dist", "--sourcemap"],
      { cwd },
    );
    expect(stdout).toMatch(
      /^Built 1 module in .*\n {2}dist\/app\.js .*\(entry point\)\n {2}dist\/app\.js\.map /,
    );
    expect(stderr).toContain(`not as recorded: DEBUG on (record ${ON_RECORD})`);
    expect(stderr).toMatch(/Feature elimination: .*, 1 call of 1 flag/);
    expect((await run(["bun", "dist/app.js"], { cwd })).stdout).toBe("debugging\n");
  });

  test("prints a single output, and JSON when asked", async () => {
    expect(await ok("build", "src/app.ts", "--no-feature", "DEBUG")).toContain('log("quiet")');
    const json = JSON.parse(await ok("build", "src/app.ts", "--outdir", "dist", "--json"));
    expect(json).toMatchObject({
      record: OFF_RECORD,
      overridden: {},
      modules: 1,
      outputs: [{ path: join("dist", "app.js"), kind: "entry-point" }],
      elimination: { calls: 1, flags: 1 },
    });
  });

  test("writes nothing when a source is wrong", async () => {
    writeFiles(cwd, { "src/app.ts": `${IMPORT}const f = feature;\nif (f("DEBUG")) f();\n` });
    const text = await fails(1, "build", "src/app.ts", "--outdir", "dist");
    expect(text).toContain("src/app.ts:2:11: feature used as a value");
    expect(existsSync(join(cwd, "dist"))).toBe(false);
  });

  test("says why an option is not possible, and which one was meant", async () => {
    expect(await fails(2, "build", "src/app.ts", "--watch")).toContain(
      "--watch is not possible here",
    );
    expect(await fails(2, "build", "src/app.ts", "--minfy")).toContain("Did you mean --minify?");
    expect(await fails(2, "build", "src/app.ts", "--format", "umd")).toContain(
      '"esm", "cjs", "iife"',
    );
    expect(await fails(2, "build", "src/app.ts", "src/app.ts")).toContain("needs --outdir");
    expect(await fails(2, "build", "a.ts", "--feature=DEBUG", "--no-feature=DEBUG")).toContain(
      "disagree",
    );
  });

  test("refuses an override of a frozen record", async () => {
    await ok("freeze");
    await ok("build", "src/app.ts", "--no-feature", "DEBUG");
    expect(await fails(5, "build", "src/app.ts", "--feature", "DEBUG")).toContain("frozen");
  });
});

describe("verify and inspect of a built file", () => {
  test("say with which record it was built, and whether it is today's", async () => {
    await ok("build", "src/app.ts", "--outfile", "dist/app.js", "--minify");
    expect(await ok("verify", "dist/app.js")).toContain(
      `built with record ${OFF_RECORD}\nit is the`,
    );
    await ok("feature", "enable", "DEBUG");
    expect(await fails(1, "inspect", "dist/app.js")).toContain("DEBUG: off → on");
    const json = JSON.parse(await fails(1, "verify", "dist/app.js", "--json"));
    expect(json).toMatchObject({
      record: OFF_RECORD,
      current: false,
      today: { record: ON_RECORD },
    });
  });

  test("of an executable as well", async () => {
    await ok("build", "src/app.ts", "--compile", "--outfile", "dist/app");
    expect((await run([join(cwd, "dist/app")], { cwd })).stdout).toBe("quiet\n");
    expect(await ok("verify", "dist/app")).toContain(OFF_RECORD);
  }, 20_000);

  test("an executable starts beside a bunfig.toml with a preload", async () => {
    writeFiles(cwd, { "bunfig.toml": 'preload = ["immuconfig/register"]\n' });
    // The commands themselves run elsewhere: here Bun would look for the preload, too.
    const build = async (...more: string[]): Promise<void> => {
      const file = join(cwd, "bunfig.lockb");
      const words = [join(cwd, "src/app.ts"), "--compile", "--outfile", join(cwd, "app"), ...more];
      const elsewhere = temporaryFolder();
      const built = await cli(["build", ...words, "--file", file], { cwd: elsewhere });
      expect(built).toMatchObject({ exitCode: 0 });
    };
    const start = () => run([join(cwd, "app")], { cwd });
    await build();
    expect(await start()).toMatchObject({ exitCode: 0, stdout: "quiet\n" });
    await build("--compile-autoload-bunfig");
    expect((await start()).stderr).toContain("preload not found");
  }, 30_000);

  test("refuse a file with two records, or none", async () => {
    const one = await ok("build", "src/app.ts");
    const two = await ok("build", "src/app.ts", "--feature", "DEBUG");
    writeFileSync(join(cwd, "both.js"), one + two);
    expect(await fails(4, "verify", "both.js")).toContain(`found ${ON_RECORD}`);
    expect(await fails(4, "verify", "src/app.ts")).toContain("found neither");
    expect(await ok("verify", "bunfig.lockb")).toContain("is valid");
  });
});

test("an entry point that is not there is refused with advice", async () => {
  const said = await fails(1, "build", "nope.ts", "--outdir", "dist");
  expect(said).toContain('"nope.ts" (entry point)\n  Check the path');
});

test("a build that is refused says once how to mend each fault", async () => {
  const code = `${IMPORT}if (feature("DEBGU")) f(feature);\n`;
  writeFiles(cwd, { "src/refused.ts": code });
  const said = await fails(1, "build", "src/refused.ts", "--outdir", "dist");
  expect(said.split("\n").filter((line) => line.startsWith("  "))).toEqual([
    "  Did you mean DEBUG? Define it with `bun-config feature define DEBGU`.",
    expect.stringMatching("Call it directly by its imported name"),
  ]);
});

describe("check", () => {
  test("is silent about a sound project", async () => {
    expect(await ok("check")).toBe("0 errors, 0 warnings in 1 file\n");
  });

  test("fails with the place and the fix", async () => {
    writeFiles(cwd, { "src/bad.ts": `${IMPORT}if (feature("DEBGU")) f();\n` });
    expect(await fails(1, "check", "src")).toMatch(
      /src\/bad\.ts:2:13: .*\n {2}Did you mean DEBUG\?/,
    );
    const json = JSON.parse(await fails(1, "check", "src", "--json"));
    expect(json).toMatchObject({
      ok: false,
      diagnostics: [{ rule: "unknown-flag", line: 2, column: 13 }],
    });
    expect(await fails(3, "check", "no")).toContain("does not exist");
  });
});

describe("a flag that other parts of the project read", () => {
  const OTHERS = {
    "src/app.ts": "export {};\n",
    "web/Panel.vue": `<script setup>\n${IMPORT}const on = feature("DEBUG") ? 1 : 2;\n</script>\n`,
    "packages/b/b.ts": APP,
  };

  test("is not unused for a check of one folder, nor for one from within it", async () => {
    writeFiles(cwd, OTHERS);
    expect(await ok("check", "src")).not.toContain("unused-flag");
    const inside = await cli(["check"], { cwd: join(cwd, "src") });
    expect(inside.stdout).not.toContain("unused-flag");
  });

  test("is retired in the whole project from one of its folders, or not at all", async () => {
    const markup = '<template>\n<p v-if="config.features.DEBUG" />\n</template>\n';
    writeFiles(cwd, { ...OTHERS, "web/Panel.vue": `${OTHERS["web/Panel.vue"]}${markup}` });
    const words = ["feature", "retire", "DEBUG", "--keep", "on", "--yes"];
    const refused = await cli(words, { cwd: join(cwd, "src") });
    expect(refused.stderr).toContain("../web/Panel.vue:6");
    expect(refused.exitCode).toBe(1);
    expect(readFileSync(join(cwd, "packages/b/b.ts"), "utf8")).toBe(APP);
    writeFiles(cwd, OTHERS);
    expect(await cli(words, { cwd: join(cwd, "src") })).toMatchObject({ exitCode: 0 });
    expect(readFileSync(join(cwd, "packages/b/b.ts"), "utf8")).not.toContain("feature");
    expect(readFileSync(join(cwd, "web/Panel.vue"), "utf8")).toBe(
      "<script setup>\nconst on = 1;\n</script>\n",
    );
  });

  test("is left where git ignores it, and nowhere else", async () => {
    const ignored = {
      "dist/app.js": APP,
      "web/out/b.js": APP,
      "web/Made.vue": OTHERS["web/Panel.vue"],
    };
    writeFiles(cwd, {
      ...OTHERS,
      ...ignored,
      ".gitignore": "dist\n!dist/kept.js\n",
      "web/.gitignore": "/out/\nMade.*\n",
      "packages/b/out/kept.js": APP,
    });
    await run(["git", "init", "-q"], { cwd });
    await ok("feature", "retire", "DEBUG", "--keep", "on", "--yes");
    for (const [path, text] of Object.entries(ignored)) {
      expect(readFileSync(join(cwd, path), "utf8")).toBe(text);
    }
    expect(readFileSync(join(cwd, "packages/b/out/kept.js"), "utf8")).not.toContain("feature");
  });

  test("is judged in a component at its place", async () => {
    writeFiles(cwd, {
      "web/Panel.svelte": `<p>text</p>\n<script>\n${IMPORT}const on = feature("NOPE") ? 1 : 2;\n</script>\n{#if feature("NOPE")}x{/if}\n`,
    });
    const { diagnostics } = JSON.parse(await fails(1, "check", "web", "--json"));
    expect(diagnostics).toMatchObject([
      { rule: "unknown-flag", file: "web/Panel.svelte", line: 4, column: 20 },
      { rule: "unknown-flag", file: "web/Panel.svelte", line: 6, column: 14 },
    ]);
  });

  test("is pointed out where paths are named", async () => {
    writeFiles(cwd, OTHERS);
    const words = ["feature", "retire", "DEBUG", "--keep", "on", "--yes", "src"];
    const { stderr, exitCode } = await cli(words, { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("web/Panel.vue:3 still names DEBUG");
    expect(stderr).toContain("packages/b/b.ts:2 still names DEBUG");
  });
});

describe("ledger", () => {
  test("prints, writes a page, and keeps a budget", async () => {
    const text = await ok("ledger", "src/app.ts", "--html", "ledger.html");
    expect(text).toMatch(/^flag .*\nDEBUG {2}off/);
    expect(readFileSync(join(cwd, "ledger.html"), "utf8")).toContain("<svg");
    await ok("ledger", "src/app.ts", "--budget", "DEBUG=1kB");
    expect(await fails(1, "ledger", "src/app.ts", "--budget=DEBUG=1B")).toContain(
      "over budget: DEBUG",
    );
  });
});

describe("prove", () => {
  test("a page, which Bun compiles in memory under its source's name, stays where it is", async () => {
    const page = '<script type="module" src="./src/app.ts"></script>\n';
    writeFiles(cwd, { "index.html": page, "src/index.html": page.replace("./src/", "./") });
    expect(await ok("prove", "DEBUG", "index.html")).toContain("nothing of them is left");
    expect(await ok("prove", "DEBUG", "./src/index.html")).toContain("nothing of them is left");
    expect(readFileSync(join(cwd, "index.html"), "utf8")).toBe(page);
    await ok("build", "index.html", "--compile", "--outfile", "out/app");
    expect(readFileSync(join(cwd, "index.html"), "utf8")).toBe(page);
    expect(readFileSync(join(cwd, "out", "index.html"), "utf8")).toContain("quiet");
  });

  test("passes for a sound program and fails for a leak", async () => {
    await ok("prove", "DEBUG", "src/app.ts", "--target", "browser");
    const text = await fails(1, "prove", "DEBUG", "src/app.ts", "--target=browser", "--sourcemap");
    expect(text).toContain('app.ts:3:16: string "debugging"');
    expect(await fails(3, "prove", "DEBGU", "src/app.ts")).toContain("Did you mean DEBUG?");
  });

  test("looks into the scripts of components", async () => {
    const vue = `<script setup>\n${IMPORT}const a = feature("DEBUG") ? "planted" : "plain";\n</script>\n`;
    writeFiles(cwd, {
      "src/page.ts": 'import panel from "./Panel.vue";\nconsole.log(panel);\n',
      "src/Panel.vue": vue,
      "out/good.js": 'console.log("plain");\n',
      "out/leak.js": 'console.log("planted");\n',
    });
    await ok("prove", "DEBUG", "src/page.ts", "--in", "out/good.js");
    const away = await fails(3, "prove", "DEBUG", "src/page.ts", "--in", "out/away.js");
    expect(away).toEndWith("out/away.js does not exist\n  Check the path.\n");
    const text = await fails(1, "prove", "DEBUG", "src/page.ts", "--in", "out/leak.js");
    expect(text).toContain('string "planted"');
    writeFileSync(join(cwd, "out/leak.js.gz"), gzipSync('console.log("planted");\n'));
    const packed = await cli(["prove", "DEBUG", "src/page.ts", "--in", "out/leak.js.gz"], { cwd });
    expect(packed.stdout).toContain(
      "which is no proof:\n  not looked at: out/leak.js.gz: it is packed",
    );
    expect(packed.exitCode).toBe(7);
    writeFiles(cwd, { "src/Panel.vue": vue.replace("const", 'import "./other.ts";\nconst') });
    const unseen = await cli(["prove", "DEBUG", "src/page.ts", "--in", "out/good.js"], { cwd });
    expect(unseen.stdout).toContain("src/Panel.vue: what it imports");
    expect(unseen.exitCode).not.toBe(0);
  });
});

describe("feature retire", () => {
  test("names the uses where nothing says which branches stay", async () => {
    const text = await fails(2, "feature", "retire", "DEBUG");
    expect(text).toContain("DEBUG is still used:\n  src/app.ts:2");
    expect(text).toContain("--keep on or --keep off");
    expect(await ok("feature", "list")).not.toContain("retired");
    expect(await ok("feature", "retire", "DEBUG", "--mark-only")).toContain("DEBUG retired in");
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe(APP);
    expect(await ok("feature", "retire", "DEBUG", "--mark-only")).toContain("retired already");
  });

  test("needs no word about sources that do not use the flag", async () => {
    await ok("feature", "define", "SPARE");
    expect(await ok("feature", "retire", "SPARE")).toContain("SPARE retired in");
  });

  test("shows the change, and makes it with --yes", async () => {
    const text = await fails(2, "feature", "retire", "DEBUG", "--keep", "on", "src");
    expect(text).toContain('-if (feature("DEBUG")) {');
    await ok("feature", "retire", "DEBUG", "--keep", "on", "--dry-run");
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe(APP);
    expect(await ok("feature", "retire", "DEBUG", "--keep", "on", "--yes")).toContain(
      "Rewrote 1 file",
    );
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe('console.log("debugging");\n');
    expect(await ok("feature", "list")).toContain("retired  DEBUG");
    expect(await ok("check")).toContain("0 errors");
  });

  test("points out what names the flag in a way that cannot be rewritten", async () => {
    const views = `import { config } from "immuconfig";
const { DEBUG } = config.features;
export const on = config.features.DEBUG || DEBUG_TOO;
`;
    writeFiles(cwd, { "src/views.ts": views, "immuconfig-env.d.ts": "// DEBUG\n" });
    const words = ["feature", "retire", "DEBUG", "--keep", "on"];
    writeFiles(cwd, {
      ".storybook/main.ts": 'import { feature } from "bun:bundle";\nfeature("DEBUG");\n',
      "web/index.html": "<p>DEBUG</p>\n<script>\nif (Bun.config.features.DEBUG) go();\n</script>\n",
      "web/words.html": "<p>DEBUG</p>\n",
    });
    const beside = await cli([...words, "--dry-run"], { cwd });
    expect(beside.stderr.match(/.* still names DEBUG/g)).toEqual([
      "src/views.ts:2 still names DEBUG",
      ".storybook/main.ts:2 still names DEBUG",
      "web/index.html:1 still names DEBUG",
      "web/index.html:3 still names DEBUG",
    ]);
    for (const folder of [".storybook", "web"]) rmSync(join(cwd, folder), { recursive: true });
    const { stderr } = await cli([...words, "--dry-run"], { cwd });
    expect(stderr).toContain("+export const on = true || DEBUG_TOO;");
    expect(stderr.match(/.* still names DEBUG/g)).toEqual(["src/views.ts:2 still names DEBUG"]);
    expect(JSON.parse(await ok(...words, "--yes", "--json"))).toMatchObject({
      files: ["src/app.ts", "src/views.ts"],
      mentions: [{ file: "src/views.ts", line: 2 }],
      retired: true,
    });
  });

  test("points out comments of a component, and stops at its markup", async () => {
    const script = `<script setup>\n${IMPORT}const on = feature("DEBUG") ? 1 : 2; // DEBUG\n</script>\n`;
    writeFiles(cwd, { "src/a.vue": `<template>\n<!-- DEBUG -->\n</template>\n${script}` });
    const words = ["feature", "retire", "DEBUG", "--keep", "on"];
    expect(JSON.parse(await ok(...words, "--dry-run", "--json"))).toMatchObject({
      files: ["src/a.vue", "src/app.ts"],
      mentions: [
        { file: "src/a.vue", line: 2 },
        { file: "src/a.vue", line: 5 },
      ],
    });
    writeFiles(cwd, { "src/a.vue": `<template>{{ DEBUG }}</template>\n${script}` });
    expect(await fails(1, ...words, "--yes")).toMatch(
      /cannot be rewritten:\n {2}src\/a\.vue:1\n {2}Take/,
    );
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe(APP);
  });

  test("rewrites nothing for a record that is frozen", async () => {
    await ok("freeze");
    expect(await fails(5, "feature", "retire", "DEBUG", "--keep", "on", "--yes")).toContain(
      "is frozen",
    );
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe(APP);
  });

  test("changes nothing when one source cannot be rewritten", async () => {
    writeFiles(cwd, { "src/zoo.ts": `${IMPORT}const f = feature; if (feature("DEBUG")) f();\n` });
    const text = await fails(1, "feature", "retire", "DEBUG", "--keep", "off", "--yes");
    expect(text).toContain("src/zoo.ts:2:11");
    expect(text.match(/Call it directly/g)).toHaveLength(1);
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe(APP);
    expect(await ok("feature", "list")).not.toContain("retired");
  });

  test("rewrites nothing where the record must stay as it is", async () => {
    await ok("freeze");
    for (const words of [["--yes"], ["--dry-run"]]) {
      expect(await fails(5, "feature", "retire", "DEBUG", "--keep", "on", ...words)).toContain(
        "is frozen",
      );
    }
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe(APP);
  });

  test("rewrites nothing where one of the sources is not UTF-8", async () => {
    const latin1 = Buffer.from(`// \xe9\n${APP}`, "latin1");
    writeFileSync(join(cwd, "src/latin1.ts"), latin1);
    expect(await fails(1, "feature", "retire", "DEBUG", "--keep", "on", "--yes")).toContain(
      "is not UTF-8",
    );
    expect(readFileSync(join(cwd, "src/app.ts"), "utf8")).toBe(APP);
    expect(readFileSync(join(cwd, "src/latin1.ts"))).toEqual(latin1);
  });
});

describe("matrix", () => {
  beforeEach(async () => void (await ok("feature", "enable", "--define", "NEW_UI")));

  test("builds every combination", async () => {
    expect(await ok("matrix", "src/app.ts")).toBe("4 combinations, 0 failed\n");
  });

  test("runs a command under each, and says what explains a failure", async () => {
    const script = 'case "$BUN_OPTIONS" in *DEBUG*) exit 7;; esac';
    const text = await fails(1, "matrix", "--", "sh", "-c", script);
    expect(text).toContain("explained by: DEBUG on\n4 combinations, 2 failed");
    expect(text).toContain("exit code 7");
  });

  test("hands each its own record", async () => {
    const script = "console.log(process.env.IMMUCONFIG_PIN.slice(0, 26)); process.exit(1)";
    const json = JSON.parse(
      await fails(1, "matrix", "--json", "--quiet", "--", "bun", "-e", script),
    );
    expect(json.combinations).toHaveLength(4);
    for (const { record, output } of json.combinations) expect(output).toContain(record);
  });
});

describe("build of a .zig file", () => {
  test("refuses what means nothing there", async () => {
    writeFiles(cwd, { "a.zig": "export fn one() u32 { return 1; }\n" });
    expect(await fails(2, "build", "a.zig")).toContain("needs --outfile");
    expect(await fails(2, "build", "a.zig", "src/app.ts")).toContain("stands alone");
    expect(await fails(2, "build", "a.zig", "--outfile=a.wasm", "--minify")).toContain("--minify");
  });
});
