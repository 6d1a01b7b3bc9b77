// Brings everything the project needs, then runs the script named in the arguments with the
// project's own Bun. Runs under Node or Bun alone, has no dependencies, and does nothing when all
// is in place.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === "win32";
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const bunVersion = manifest.devDependencies.bun;

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) throw new Error(`setup: cannot run ${command}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** The pinned Bun inside a node_modules folder, if it is there and runs. */
function bunIn(modules) {
  const candidates = [join(modules, "bun", "bin", "bun.exe")];
  const scope = join(modules, "@oven");
  if (existsSync(scope)) {
    for (const name of readdirSync(scope)) {
      candidates.push(join(scope, name, "bin", windows ? "bun.exe" : "bun"));
    }
  }
  return candidates.find((path) => existsSync(path) && versionOf(path) === bunVersion);
}

function versionOf(bun) {
  const result = spawnSync(bun, ["--version"], { encoding: "utf8" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/** A Bun to install with: the one we run in, or one fetched by npm into .tools/. */
function bunForInstall() {
  if (process.versions.bun) return process.execPath;
  const tools = join(root, ".tools");
  const found = bunIn(join(tools, "node_modules"));
  if (found) return found;
  console.error(`setup: fetching Bun ${bunVersion} with npm`);
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, "package.json"), '{"private":true}\n');
  const npm = windows ? "npm.cmd" : "npm";
  run(npm, ["install", "--no-save", "--no-package-lock", "--silent", `bun@${bunVersion}`], {
    cwd: tools,
    shell: windows,
  });
  const fetched = bunIn(join(tools, "node_modules"));
  if (!fetched) throw new Error(`setup: npm installed Bun ${bunVersion}, but it does not run here`);
  return fetched;
}

/** The packages of this repository: the second one's clash with the first one's. */
const packages = [root, join(root, "tests", "api", "ofrep_server")];

/** What the installed trees depend on. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const folder of packages) {
    for (const name of ["package.json", "bun.lock"]) hash.update(readFileSync(join(folder, name)));
  }
  return hash.update(`${process.platform}-${process.arch}`).digest("hex");
}

const modules = join(root, "node_modules");
const stamp = join(modules, ".immuconfig-setup");
const wanted = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  console.error("setup: installing the locked packages");
  for (const cwd of packages) run(bunForInstall(), ["install", "--frozen-lockfile"], { cwd });
  writeFileSync(stamp, wanted);
}

const bun = bunIn(modules);
if (!bun) throw new Error("setup: no Bun in node_modules; remove node_modules and run again");
const path = [dirname(bun), join(modules, ".bin"), process.env.PATH ?? ""].join(delimiter);
const env = { ...process.env, PATH: path };
run(bun, [join(root, "scripts", "build.ts"), "--if-stale"], { env });
run(bun, [join(root, "scripts", "build_native.ts")], { env });

const [script, ...args] = process.argv.slice(2);
if (script) run(bun, [join(root, script), ...args], { env });
