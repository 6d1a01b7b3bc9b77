import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { version } from "../../package.json";
import { NO_HOME, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

describe("bun build ./src/cli/config.ts --outfile OUT, in a clone", () => {
  let out: string;

  beforeAll(async () => {
    out = join(temporaryFolder(), "bun-config");
    const words = ["build", "./src/cli/config.ts", "--outfile", out];
    expect(await run([BUN, ...words], { cwd: REPOSITORY })).toMatchObject({ exitCode: 0 });
  });

  const lines: [line: string, stdout: RegExp][] = [
    ["bootstrap", /^Bootstrapped 13-byte config in /],
    ["set registry https://registry.example.test", /^Wrote registryHash c8c87440 in /],
    ["set version 1", /^version 1 at offset 4 is set already/],
    ["feature enable DEBUG", /^Wrote DEBUG on in /],
    ["get features.DEBUG", /^true$/m],
    ["get registry.url", /^https:\/\/registry\.example\.test$/m],
    ["verify", /is valid: record 014074c8c80400000001185099/],
    ["inspect --text", /^features.DEBUG on$/m],
    ["doctor --json", /"healthy":/],
    ["live", /^features {4}DEBUG=on$/m],
    ["--help", /^Read and change:$/m],
  ];

  test("runs alone, in another folder", async () => {
    const cwd = temporaryFolder();
    for (const [line, stdout] of lines) {
      const ran = await run([BUN, out, ...line.split(" ")], { cwd, env: { HOME: NO_HOME } });
      expect([line, ran.exitCode]).toEqual([line, 0]);
      expect(ran.stdout).toMatch(stdout);
    }
  });

  test("what another package has says which", async () => {
    const cwd = temporaryFolder();
    await run([BUN, out, "bootstrap"], { cwd });
    for (const line of [
      "build app.ts",
      "check",
      "upgrade --check",
      "feature retire DEBUG",
      "serve",
    ]) {
      const { exitCode, stderr } = await run([BUN, out, ...line.split(" ")], { cwd });
      expect([line, exitCode]).toEqual([line, 3]);
      const add = line === "serve" ? "bun add @immuconfig/server" : "bun add -d @immuconfig/build";
      expect(stderr).toContain(`bun add immuconfig && ${add}@${version}`);
    }
  });
});
