/** What docs/serve.md says about types: the SDK takes the provider as it is, and knows the flags' names. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeConfigFile } from "../support/config_files.ts";
import { buildPackage } from "../support/project.ts";
import { CLI, REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { requireTool } from "../support/tools.ts";

setDefaultTimeout(120_000);
const temporaryFolder = useTemporaryFolders();

beforeAll(async () => {
  await buildPackage();
});

const APP = `
import { OpenFeature } from "@openfeature/server-sdk";
import { OpenFeature as Web } from "@openfeature/web-sdk";
import { config } from "immuconfig";
import { serverProvider, webProvider } from "immuconfig/openfeature";
await OpenFeature.setProviderAndWait(serverProvider(config));
await Web.setProviderAndWait(webProvider(config));
const client = OpenFeature.getClient();
export const known: boolean = await client.getBooleanValue("DEBUG", false);
export const typo: boolean = await client.getBooleanValue("DEBUGG", false);
`;
const DECLARATIONS = `
import type { FeatureRegistry } from "immuconfig";
declare module "@openfeature/core" {
  export type BooleanFlagKey = keyof FeatureRegistry;
}
`;
const COMPILER_OPTIONS = {
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  module: "nodenext",
  target: "es2022",
  types: [],
};

test.each(["typescript-5", "typescript"])(
  "a typo in a flag's name is an error, %s",
  async (tsc) => {
    const folder = temporaryFolder();
    writeConfigFile(folder);
    const env = { HOME: folder };
    const typed = await run([BUN, CLI, "types"], { cwd: folder, env });
    expect(typed).toMatchObject({ exitCode: 0 });
    symlinkSync(join(REPOSITORY, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "app.ts"), APP);
    writeFileSync(join(folder, "openfeature.d.ts"), DECLARATIONS);
    const dist = join(REPOSITORY, "dist");
    const paths = {
      immuconfig: [join(dist, "index.d.ts")],
      "immuconfig/openfeature": [join(dist, "openfeature", "index.d.ts")],
    };
    const tsconfig = { compilerOptions: { ...COMPILER_OPTIONS, paths }, include: ["*.ts"] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    const bin = join(REPOSITORY, "node_modules", tsc, "bin", "tsc");
    const { stdout } = await run([requireTool("node"), bin, "--pretty", "false", "-p", "."], {
      cwd: folder,
      timeoutMs: 60_000,
    });
    const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
    expect(errors).toEqual([expect.stringMatching(/^app\.ts\(10,.*TS2345.*DEBUGG/)]);
  },
);
