/** A project whose `bun.lock` real Bun wrote, with every kind of source, from a registry of its own. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathWithBun, writeFiles } from "./cli.ts";
import { BUN, run, type RunResult } from "./run.ts";
import { packTarball } from "./tarball.ts";
import type { TestRegistry } from "./test_registry.ts";

const PATCH = `diff --git a/index.js b/index.js
--- a/index.js
+++ b/index.js
@@ -1 +1 @@
-module.exports = 1;
+module.exports = 2;
`;

export interface LockedProject {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The text of bun.lock as Bun wrote it. */
  readonly lock: string;
}

/** Adds a release that is a small package. */
export function publishPackage(
  registry: TestRegistry,
  name: string,
  version: string,
  manifest: Readonly<Record<string, unknown>> = {},
): void {
  const tarball = packTarball([
    { path: "package/package.json", content: JSON.stringify({ name, version, ...manifest }) },
    { path: "package/index.js", content: "module.exports = 1;\n" },
  ]);
  registry.publish(name, { version, tarball, manifest });
}

/** Runs real Bun in a project, with a home and a cache of its own. */
export async function runBun(
  project: Pick<LockedProject, "folder" | "env">,
  words: readonly string[],
): Promise<RunResult> {
  return run([BUN, ...words], { cwd: project.folder, env: project.env, timeoutMs: 60_000 });
}

/** Writes a project and installs it. */
async function lockedProject(
  root: string,
  files: Readonly<Record<string, string>>,
): Promise<LockedProject> {
  const folder = join(root, "project");
  const env = {
    HOME: join(root, "home"),
    PATH: pathWithBun(),
    BUN_INSTALL_CACHE_DIR: join(root, "cache"),
  };
  mkdirSync(env.HOME, { recursive: true });
  writeFiles(folder, files);
  const { exitCode, stderr } = await runBun({ folder, env }, ["install"]);
  if (exitCode !== 0) throw new Error(stderr);
  return { folder, env, lock: readFileSync(join(folder, "bun.lock"), "utf8") };
}

/** A project of registry packages alone: a scope, an alias, a package inside another. */
export async function plainProject(root: string, registry: TestRegistry): Promise<LockedProject> {
  publishPackage(registry, "inner", "1.0.0");
  publishPackage(registry, "inner", "2.0.0", { os: ["linux", "darwin"] });
  publishPackage(registry, "outer", "1.0.0", { dependencies: { inner: "^1" }, bin: "index.js" });
  publishPackage(registry, "@scope/peer", "1.2.3", { peerDependencies: { inner: "*" } });
  return lockedProject(root, {
    "package.json": JSON.stringify({
      name: "plain",
      version: "1.0.0",
      dependencies: { outer: "^1", inner: "^2", "@scope/peer": "1", other: "npm:inner@1.0.0" },
    }),
    "bunfig.toml": `[install]\nregistry = "${registry.url}"\n`,
  });
}

/** A project with every other kind of source, and every setting that changes an install. */
export async function motleyProject(root: string, registry: TestRegistry): Promise<LockedProject> {
  publishPackage(registry, "one", "1.0.0", { scripts: { postinstall: "exit 0" } });
  publishPackage(registry, "two", "1.0.0");
  publishPackage(registry, "byurl", "1.0.0");
  const git = join(root, "git");
  writeFiles(git, { "package.json": '{"name":"bygit","version":"1.0.0"}' });
  const identity = ["-c", "user.name=a", "-c", "user.email=a@b.test"];
  for (const words of [
    ["init", "-q"],
    ["add", "."],
    [...identity, "commit", "-qm", "one"],
  ]) {
    const { exitCode, stderr } = await run(["git", ...words], { cwd: git, env: { HOME: root } });
    if (exitCode !== 0) throw new Error(stderr);
  }
  const archive = packTarball([
    { path: "package/package.json", content: '{"name":"archive","version":"1.0.0"}' },
  ]);
  mkdirSync(join(root, "project"), { recursive: true });
  writeFileSync(join(root, "project", "archive.tgz"), archive);
  return lockedProject(root, {
    "package.json": JSON.stringify({
      name: "motley",
      workspaces: { packages: ["packages/*"], catalog: { one: "^1" } },
      dependencies: {
        one: "catalog:",
        two: "^1",
        archive: "file:./archive.tgz",
        folder: "file:./folder",
        bygit: `git+file://${git}`,
        byurl: `${registry.url}/byurl/-/1.0.0.tgz`,
      },
      trustedDependencies: ["one"],
      overrides: { three: "1.0.0" },
      patchedDependencies: { "two@1.0.0": "patches/two.patch" },
    }),
    "packages/member/package.json":
      '{"name":"member","version":"0.1.0","dependencies":{"two":"1"}}',
    "folder/package.json": '{"name":"folder","version":"0.0.1"}',
    "patches/two.patch": PATCH,
    "bunfig.toml": `[install]\nregistry = "${registry.url}"\n`,
  });
}
