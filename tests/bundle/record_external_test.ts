/** A build that leaves packages out still has the record's values: `feature()` and `config` never disagree. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { type OutputOptions as RolldownOutput, rolldown } from "rolldown";
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
  readonly external: string | (string | RegExp)[] | RegExp | ((id: string) => boolean);
  readonly options: ImmuconfigOptions;
}

const OUTPUT = { format: "es" } satisfies RolldownOutput;

const BUNDLERS: Readonly<Record<string, (job: Job) => Promise<string>>> = {
  async Rollup({ input, external, options }) {
    const plugins = [forRollup.immuconfig(options)];
    const bundle = await rollup({ input, external, plugins, onLog: () => {} });
    const { output } = await bundle.generate(OUTPUT);
    return output[0].code;
  },
  async Rolldown({ input, external, options }) {
    const plugins = [forRolldown.immuconfig(options)];
    const bundle = await rolldown({ input, external, plugins, logLevel: "silent" });
    const { output } = await bundle.generate(OUTPUT);
    return output[0].code;
  },
  async Vite({ input, external, options }) {
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
