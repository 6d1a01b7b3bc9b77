import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type PackageRegistry, startPackageRegistry } from "./support/package_registry.ts";
import { packPackages } from "../scripts/pack.ts";
import { buildPackage } from "./support/project.ts";
import { REPOSITORY } from "./support/repository.ts";
import { BUN, run, type RunResult } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";
import { requireTool, testWith } from "./support/tools.ts";

const INSTALL_TIMEOUT_MS = 120_000;

const temporaryFolder = useTemporaryFolders();
let registry: PackageRegistry;
let project: string;
/** A folder with `bun` and `bunx`, as an install of Bun makes it. */
let bunFolder: string;

beforeAll(async () => {
  registry = await startPackageRegistry();
  bunFolder = temporaryFolder();
  for (const name of ["bun", "bunx"]) symlinkSync(BUN, join(bunFolder, name));
  await buildPackage();
  const tarballs = packPackages(join(temporaryFolder(), "packed"));

  project = temporaryFolder();
  writeFileSync(join(project, "package.json"), '{ "name": "fresh", "type": "module" }\n');
  const added = await runIn(project, BUN, "add", ...tarballs);
  expect(added).toMatchObject({ exitCode: 0 });
}, INSTALL_TIMEOUT_MS);

afterAll(() => registry.stop());

/** Runs a command with an empty home and nothing of this repository on its path but Bun. */
function runIn(cwd: string, ...command: string[]): Promise<RunResult> {
  const home = temporaryFolder();
  const path = [join(cwd, "node_modules", ".bin"), bunFolder, "/usr/bin", "/bin"];
  return run(command, {
    cwd,
    timeoutMs: INSTALL_TIMEOUT_MS,
    env: {
      HOME: home,
      PATH: path.join(delimiter),
      BUN_INSTALL_CACHE_DIR: join(home, "cache"),
      BUN_CONFIG_REGISTRY: registry.url,
    },
  });
}

async function config(...words: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runIn(
    project,
    join(bunFolder, "bunx"),
    "immuconfig",
    ...words,
  );
  expect({ words, exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return stdout;
}

describe("the package, packed and installed into a fresh project", () => {
  test(
    "the README's first five minutes",
    async () => {
      expect(await config("init", "--yes")).toContain("create");
      await config(
        "feature",
        "define",
        "CHECKOUT_V2",
        "--owner",
        "payments",
        "--expires",
        "2030-12-31",
      );
      expect(await config("feature", "enable", "CHECKOUT_V2")).toMatch(
        /^Wrote CHECKOUT_V2 on in [\d.]+ (µs|ms), durable\n$/,
      );
      await config("set", "registry", "https://registry.example.test");
      expect(await config("get", "features.CHECKOUT_V2")).toBe("true\n");
      await config("types");
      expect(readFileSync(join(project, "immuconfig-env.d.ts"), "utf8")).toContain("CHECKOUT_V2");

      const git = ["-c", "user.name=t", "-c", "user.email=t@example.test"];
      await runIn(project, requireTool("git"), "init", "--quiet");
      await config("git-setup");
      writeFileSync(join(project, ".gitignore"), "node_modules\n");
      await runIn(project, requireTool("git"), "add", "-A");
      const committed = await runIn(project, requireTool("git"), ...git, "commit", "-qm", "Pin");
      expect(committed).toMatchObject({ exitCode: 0 });
      expect(await config("log")).toContain("generation 4");

      writeFileSync(
        join(project, "app.ts"),
        `import { config } from "immuconfig";
       import { feature } from "bun:bundle";
       console.log(config.features.CHECKOUT_V2, Bun.config.registry.url, feature("CHECKOUT_V2") ? 1 : 0);`,
      );
      expect(await config("exec", "--", "bun", "app.ts")).toBe(
        "true https://registry.example.test 1\n",
      );
    },
    INSTALL_TIMEOUT_MS,
  );

  test("the Rspack adapter finds its loader", async () => {
    writeFileSync(
      join(project, "bundled.js"),
      'import { feature } from "bun:bundle"; console.log(feature("CHECKOUT_V2") ? "new" : "old");',
    );
    const rspack = JSON.stringify(Bun.resolveSync("@rspack/core", REPOSITORY));
    writeFileSync(
      join(project, "pack.mjs"),
      `import { immuconfig } from "immuconfig/rspack";
       const { rspack } = await import(${rspack});
       const compiler = rspack({ mode: "production", entry: "./bundled.js", plugins: [immuconfig()] });
       compiler.run((error, stats) => {
         if (error !== null || stats.hasErrors()) throw error ?? new Error(stats.toString());
         compiler.close(() => {});
       });`,
    );
    const packed = await runIn(project, join(bunFolder, "bun"), "pack.mjs");
    expect(packed).toMatchObject({ exitCode: 0, stderr: "" });
    const output = readFileSync(join(project, "dist", "main.js"), "utf8");
    expect(output).toContain('console.log("new")');
  });

  testWith("node")("the runtime under Node", async () => {
    mkdirSync(join(project, "nested"), { recursive: true });
    writeFileSync(
      join(project, "nested", "app.mjs"),
      `import { config, load, parse } from "immuconfig";
       import { readFileSync } from "node:fs";
       const same = load("../bunfig.lockb").record === parse(readFileSync("../bunfig.lockb")).record;
       console.log(config.features.CHECKOUT_V2, Object.isFrozen(config.terminal), same);`,
    );
    const node = requireTool("node");
    const { stdout, stderr } = await run([node, "app.mjs"], { cwd: join(project, "nested") });
    expect({ stdout, stderr }).toEqual({ stdout: "true true true\n", stderr: "" });
  });
});

test.each([".", "packages/build"])(
  "TypeScript finds every import of %s under moduleResolution node, which knows no exports",
  (folder) => {
    const manifest = JSON.parse(readFileSync(join(REPOSITORY, folder, "package.json"), "utf8")) as {
      types: string;
      exports: Record<string, string | { types: string }>;
      typesVersions: { "*": Record<string, string[]> };
    };
    for (const [name, target] of Object.entries(manifest.exports)) {
      if (typeof target === "string") continue;
      const found = name === "." ? [manifest.types] : manifest.typesVersions["*"][name.slice(2)];
      expect({ name, found }).toEqual({ name, found: [target.types] });
    }
  },
);
