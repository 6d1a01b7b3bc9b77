/** A build that leaves packages out still has the record's values: `feature()` and `config` never disagree. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import {
  type OutputOptions as RolldownOutput,
  type Plugin as RolldownPlugin,
  rolldown,
} from "rolldown";
import { rollup } from "rollup";
import { build as viteBuild } from "vite";
import type { ImmuconfigOptions } from "../../src/bundle/adapters/options.ts";
import * as forRolldown from "../../src/bundle/adapters/rolldown.ts";
import * as forRollup from "../../src/bundle/adapters/rollup.ts";
import * as forVite from "../../src/bundle/adapters/vite.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeFixtureRecord } from "./support.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const APP = `import "immuconfig/register";
import { config } from "immuconfig";
import { other } from "other";
console.log(other, config.features.ON);
`;

interface Job {
  readonly input: string;
  readonly external?: string | (string | RegExp)[] | RegExp | ((id: string) => boolean) | undefined;
  /** In front of the adapter. */
  readonly before?: ReturnType<typeof leavesPackagesOut>;
  readonly options: ImmuconfigOptions;
}

/** What tsdown and its like put in front of the plugins of the user. */
function leavesPackagesOut() {
  return {
    name: "leaves-packages-out",
    resolveId: (id: string) => (/^[^./\0]/.test(id) ? { id, external: true } : null),
  };
}

const OUTPUT = { format: "es" } satisfies RolldownOutput;

const BUNDLERS: Readonly<Record<string, (job: Job) => Promise<string>>> = {
  async Rollup({ input, external = [], before, options }) {
    const plugins = [before, forRollup.immuconfig(options)];
    const bundle = await rollup({ input, external, plugins, onLog: () => {} });
    const { output } = await bundle.generate(OUTPUT);
    return output[0].code;
  },
  async Rolldown({ input, external = [], before, options }) {
    const plugins = [before, forRolldown.immuconfig(options)];
    const bundle = await rolldown({ input, external, plugins, logLevel: "silent" });
    const { output } = await bundle.generate(OUTPUT);
    return output[0].code;
  },
  async Vite({ input, external = [], options }) {
    const built = await viteBuild({
      root: join(input, ".."),
      configFile: false,
      logLevel: "silent",
      plugins: [forVite.immuconfig(options)],
      build: {
        write: false,
        minify: false,
        modulePreload: false,
        rolldownOptions: { input, external },
      },
    });
    if (!("output" in built)) throw new Error("Vite made more than one output, or none");
    return built.output[0].code;
  },
};

/** Every form of the setting; each leaves `other` out. */
const FORMS: readonly (readonly [string, Job["external"]])[] = [
  ["names", ["immuconfig", "immuconfig/register", "other"]],
  ["a pattern", /^[^./]/],
  ["a list of both", ["other", /^immuconfig/]],
  ["a function", (id) => !/^[./]/.test(id)],
];

/** Vite leaves packages out by its settings. */
test.each(["Rollup", "Rolldown"])(
  "%s behind a plugin that leaves packages out",
  async (bundler) => {
    const root = temporaryFolder();
    const input = writeFiles(root, { "app.js": APP });
    const file = writeFixtureRecord(root);
    const build = async (options: ImmuconfigOptions) =>
      await BUNDLERS[bundler]?.({ input, before: leavesPackagesOut(), options });
    const built = await build({ file });
    expect(built).toMatch(/from ["']other["']/);
    expect(built).not.toMatch(/["']immuconfig/);
    expect(built).toMatch(/ON["']?: (?:true|!0)/);
    expect(await build({ file, config: "file" })).toMatch(/from ["']immuconfig["']/);
  },
);

test("a bundler of declarations, such as tsdown's, gets the types and no values", async () => {
  const root = temporaryFolder();
  const input = writeFiles(root, { "app.js": APP, "app.d.ts": "" });
  const found: unknown[] = [];
  const asks: RolldownPlugin = {
    name: "asks",
    async buildStart() {
      for (const importer of ["app.js", "app.d.ts", "app.d.mts"]) {
        found.push((await this.resolve("immuconfig", join(root, importer)))?.id);
      }
    },
  };
  const plugins = [
    leavesPackagesOut(),
    asks,
    forRolldown.immuconfig({ file: writeFixtureRecord(root) }),
  ];
  const bundle = await rolldown({ input, plugins, logLevel: "silent" });
  await bundle.generate(OUTPUT);
  expect(found).toEqual(["\0immuconfig-record:immuconfig", "immuconfig", "immuconfig"]);
});

test.each(
  Object.keys(BUNDLERS).flatMap((bundler) => FORMS.map((form) => [bundler, ...form] as const)),
)("%s with %s", async (bundler, _, external) => {
  const root = temporaryFolder();
  const input = writeFiles(root, { "app.js": APP });
  const file = writeFixtureRecord(root);
  const build = async (options: ImmuconfigOptions) =>
    await BUNDLERS[bundler]?.({ input, external, options });
  const built = await build({ file });
  expect(built).toMatch(/from ["']other["']/);
  expect(built).not.toMatch(/["']immuconfig/);
  expect(built).toMatch(/ON["']?: (?:true|!0)/);
  expect(await build({ file, config: "file" })).toMatch(/from ["']immuconfig["']/);
});
