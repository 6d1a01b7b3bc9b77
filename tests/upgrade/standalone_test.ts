// The executable that `bun build --compile` makes upgrades itself while it runs.
import { expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { currentHost, selfProduct } from "../../src/upgrade/product.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run as runProgram } from "../support/run.ts";
import { UpgradeFixture } from "../support/upgrade_fixture.ts";

/** A copy of this project that says that its version is another one. */
function copyProject(folder: string, version: string): string {
  const copy = join(folder, version);
  mkdirSync(copy);
  for (const name of ["src", "scripts", "LICENSE"]) {
    cpSync(join(REPOSITORY, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(REPOSITORY, "node_modules"), join(copy, "node_modules"));
  const manifest: unknown = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
  const changed = Object.assign({}, manifest, { version });
  writeFileSync(join(copy, "package.json"), JSON.stringify(changed));
  return copy;
}

/** Runs a Bun command in a folder and returns what it printed. */
async function bun(cwd: string, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram([BUN, ...words], {
    cwd,
    timeoutMs: 60_000,
  });
  if (exitCode !== 0) throw new Error(`bun ${words.join(" ")}: ${stderr}`);
  return stdout.trim();
}

test("bun-config upgrades and rolls back itself", async () => {
  await using fixture = await UpgradeFixture.start();
  const product = selfProduct(currentHost());
  const executable = join(fixture.folder, "bun-config");
  const older = copyProject(fixture.root, "0.9.1");
  const newer = copyProject(fixture.root, "0.9.2");
  const [tarball] = await Promise.all([
    bun(newer, "scripts/pack_cli.ts", fixture.root, "--gzip-level=1"),
    bun(older, "build", "--compile", "src/cli/standalone.ts", "--outfile", executable),
  ]);
  fixture.registry.publish(product.platformPackage, {
    version: "0.9.2",
    tarball: readFileSync(tarball),
  });
  const keys = fixture.registry.writeKeys(fixture.root);
  const run = async (...words: string[]) =>
    runProgram([executable, ...words], { cwd: fixture.root, env: { HOME: fixture.root } });
  await run("bootstrap");
  await run("set", "registry", fixture.registry.url);

  const upgrade = await run("upgrade", "self", "--registry-keys", keys, "--json");
  expect(upgrade.stderr).not.toContain("error:");
  expect(JSON.parse(upgrade.stdout)).toMatchObject({
    product: "self",
    path: executable,
    kind: "binary",
    from: "0.9.1",
    to: "0.9.2",
  });
  expect((await run("--version")).stdout).toBe("0.9.2\n");

  const back = await run("rollback", "self");
  expect(back.stdout).toBe(`immuconfig 0.9.1 is back in ${executable}\n`);
  expect((await run("--version")).stdout).toBe("0.9.1\n");
  expect(fixture.names()).toEqual(["bun-config", "bun-config.prev"]);
}, 60_000);
