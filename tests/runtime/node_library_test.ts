/** The shared library under Node, and what serves where it may not be loaded. */

import { beforeAll, expect, setDefaultTimeout } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeConfigFile } from "../support/config_files.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { buildPackage } from "../support/project.ts";
import { REPOSITORY } from "../support/repository.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

const PROGRAM = `import { live } from "immuconfig/live";
  const { config } = await import("immuconfig");
  const { firstRead, firstLive } = globalThis[Symbol.for("immuconfig.process")];
  console.log(JSON.stringify([firstRead, firstLive, live.mode, { ...config.features }, { ...live.features }, live.problem?.code]));
  process.exit(0);`;

testWith("node").skipIf(!hasAllCores)(
  "gives Node the record and its live flags as it does Bun, and TypeScript the same without it",
  async () => {
    const folder = temporaryFolder();
    writeConfigFile(folder);
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(REPOSITORY, join(folder, "node_modules", "immuconfig"));
    writeFileSync(join(folder, "program.mjs"), PROGRAM);
    const seen = async (...options: string[]): Promise<unknown[]> => {
      const { stdout, stderr } = await run(["node", ...options, "program.mjs"], {
        cwd: folder,
        env: { HOME: folder, IMMUCONFIG_RUNTIME_DIR: join(folder, "runtime") },
      });
      expect(stderr).toBe("");
      return JSON.parse(stdout) as unknown[];
    };
    // The first program creates the segment, which is TypeScript's to do.
    const [first, second, without] = [await seen(), await seen(), await seen("--no-addons")];
    expect(first.slice(0, 3)).toEqual(["native", "store", "mapped"]);
    expect(second.slice(0, 3)).toEqual(["native", "native", "mapped"]);
    expect(without.slice(0, 3)).toEqual(["store", "store", "polled"]);
    expect(Object.keys(first[3] as object).length).toBeGreaterThan(0);
    expect(second.slice(3)).toEqual(first.slice(3));
    expect(without.slice(3)).toEqual(first.slice(3));
  },
);
