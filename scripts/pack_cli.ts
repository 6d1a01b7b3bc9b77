// Packs the standalone `bun-config` for this machine as the npm package that `bun-config upgrade
// self` fetches: `bun scripts/pack_cli.ts FOLDER [OPTIONS of bun pm pack]` writes one .tgz into
// FOLDER and prints its path.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { compileStandalone } from "./compile_standalone.ts";
import { currentHost, selfProduct } from "../src/upgrade/product.ts";

const root = join(import.meta.dir, "..");
const host = currentHost();
const { platformPackage, member } = selfProduct(host);
const [folder, ...packOptions] = process.argv.slice(2);
if (folder === undefined) {
  console.error("usage: bun scripts/pack_cli.ts FOLDER [OPTIONS]");
  process.exit(2);
}
const destination = resolve(folder);
const staging = mkdtempSync(join(tmpdir(), "immuconfig-pack-"));
try {
  await pack();
} finally {
  rmSync(staging, { recursive: true, force: true });
}

async function pack(): Promise<void> {
  const program = join("bin", basename(member));
  mkdirSync(join(staging, "bin"));
  mkdirSync(destination, { recursive: true });
  await compileStandalone(root, join(staging, program));
  writeFileSync(
    join(staging, "package.json"),
    `${JSON.stringify({
      name: platformPackage,
      version: manifest.version,
      description: `The bun-config executable of immuconfig for ${host.platform} ${host.arch}.`,
      license: manifest.license,
      os: [host.platform],
      cpu: [host.arch],
      ...(host.platform === "linux" ? { libc: [host.musl ? "musl" : "glibc"] } : {}),
      files: ["bin"],
    })}\n`,
  );
  writeFileSync(
    join(staging, "README.md"),
    `The bun-config executable of immuconfig. \`bun-config upgrade self\` installs it.\n`,
  );
  copyFileSync(join(root, "LICENSE"), join(staging, "LICENSE"));
  const printed = run(
    staging,
    "pm",
    "pack",
    "--quiet",
    "--destination",
    destination,
    ...packOptions,
  );
  console.log(printed.trim());
}

/** Runs this Bun in a folder and returns what it printed. */
function run(cwd: string, ...words: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([process.execPath, ...words], { cwd });
  if (exitCode !== 0) throw new Error(`bun ${words.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
}
