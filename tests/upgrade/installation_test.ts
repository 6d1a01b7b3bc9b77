import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classifyPath, findBun, findSelf } from "../../src/upgrade/installation.ts";
import { managerCommand, refuseForeign } from "../../src/upgrade/package_manager.ts";
import { bunProduct, type Host, selfProduct } from "../../src/upgrade/product.ts";

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-installation-")));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function classify(target: string, manifests: string[] = []) {
  return classifyPath({
    path: target,
    target,
    bunInstall: "/home/ada/.bun",
    hasManifest: (folder) => manifests.includes(folder),
  });
}

describe("a program's path tells who installed it", () => {
  const cases: [path: string, expected: Record<string, string>][] = [
    ["/app/node_modules/bun/bin/bun.exe", { kind: "project", folder: "/app" }],
    [
      "/app/node_modules/.pnpm/bun@1.4.5/node_modules/bun/bin/bun.exe",
      { kind: "project", folder: "/app" },
    ],
    ["/usr/lib/node_modules/bun/bin/bun.exe", { kind: "global", manager: "npm" }],
    ["/home/ada/.nvm/v/lib/node_modules/bun/bin/bun.exe", { kind: "global", manager: "npm" }],
    [
      "/home/ada/.bun/install/global/node_modules/bun/bin/bun.exe",
      { kind: "global", manager: "bun" },
    ],
    [
      "/home/ada/.local/share/pnpm/global/5/node_modules/bun/bin/bun.exe",
      { kind: "global", manager: "pnpm" },
    ],
    [
      "/home/ada/.config/yarn/global/node_modules/bun/bin/bun.exe",
      { kind: "global", manager: "yarn" },
    ],
    ["/home/ada/.bun/bin/bun", { kind: "installScript" }],
    [
      "/opt/homebrew/Cellar/bun/1.4.5/bin/bun",
      { kind: "system", manager: "brew", packageName: "bun" },
    ],
    [
      "/nix/store/0a1b2c3d-bun-1.4.5/bin/bun",
      { kind: "system", manager: "nix", packageName: "bun" },
    ],
    ["/snap/bun-js/12/bin/bun", { kind: "system", manager: "snap", packageName: "bun-js" }],
    ["/opt/tools/bun", { kind: "binary" }],
  ];
  test.each(cases)("%s", (path, expected) => {
    expect(classify(path)).toEqual({ path, target: path, ...expected } as never);
  });

  test("a project in a folder called lib is a project", () => {
    expect(classify("/app/lib/node_modules/bun/bin/bun.exe", ["/app/lib"]).kind).toBe("project");
  });
});

describe("the Bun that is meant", () => {
  test("is the nearest project's, then the PATH's, then the install script's", async () => {
    const inner = join(root, "app", "packages", "one");
    const bin = join(root, "app", "node_modules", ".bin");
    const script = join(root, "home", ".bun", "bin");
    const onPath = join(root, "tools");
    for (const folder of [inner, bin, script, onPath, join(root, "app/node_modules/bun/bin")]) {
      mkdirSync(folder, { recursive: true });
    }
    const program = join(root, "app/node_modules/bun/bin/bun.exe");
    for (const path of [program, join(script, "bun"), join(onPath, "bun")]) {
      writeFileSync(path, "#!/bin/sh\n", { mode: 0o755 });
    }
    symlinkSync("../bun/bin/bun.exe", join(bin, "bun"));
    const env = { HOME: join(root, "home"), PATH: onPath };

    const inProject = await findBun({ cwd: inner, env, to: undefined });
    expect(inProject).toMatchObject({
      kind: "project",
      folder: join(root, "app"),
      target: program,
    });
    const machine = await findBun({ cwd: root, env, to: undefined });
    expect(machine.path).toBe(join(onPath, "bun"));
    const scripted = await findBun({ cwd: root, env: { ...env, PATH: "" }, to: undefined });
    expect(scripted).toMatchObject({ kind: "installScript", path: join(script, "bun") });
    const named = await findBun({ cwd: root, env, to: "tools/other" });
    expect(named).toMatchObject({ kind: "new", target: join(onPath, "other") });
  });

  test("is nowhere on a bare machine", async () => {
    const bare = findBun({ cwd: root, env: { HOME: "/nowhere", PATH: "" }, to: undefined });
    const message = await bare.then(
      () => "found",
      (error: unknown) => String(error),
    );
    expect(message).toMatch(/there is no bun here/);
  });
});

test("immuconfig's own code is a dependency, or a working copy that is left alone", async () => {
  const packageFolder = join(root, "site", "node_modules", "immuconfig");
  mkdirSync(packageFolder, { recursive: true });
  const surroundings = { cwd: root, env: {}, to: undefined };
  const installed = await findSelf(surroundings, { executable: undefined, packageFolder });
  expect(installed).toMatchObject({ kind: "project", folder: join(root, "site") });
  const source = await findSelf(surroundings, { executable: undefined, packageFolder: root });
  expect(() => refuseForeign(source)).toThrow(/runs from its source/);
});

/** The command for a project that holds these files. */
function command(files: Record<string, string>, name = "bun"): string | undefined {
  const folder = mkdtempSync(join(root, "project-"));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  const target = join(folder, "node_modules/bun/bin/bun.exe");
  const installation = { kind: "project", path: target, target, folder } as const;
  return managerCommand(installation, name, "1.4.5")?.words.join(" ");
}

describe("the package manager's command", () => {
  test("is that of the lockfile, and keeps the kind of dependency", () => {
    expect(command({ "bun.lock": "" })).toBe("bun add --exact --dev bun@1.4.5");
    expect(command({ "pnpm-lock.yaml": "" })).toBe("pnpm add --save-exact --save-dev bun@1.4.5");
    expect(command({ "yarn.lock": "" })).toBe("yarn add --exact --dev bun@1.4.5");
    expect(command({})).toBe("npm install --save-exact --save-dev bun@1.4.5");
    const manifest = JSON.stringify({ dependencies: { immuconfig: "0.1.0" } });
    expect(command({ "package-lock.json": "", "package.json": manifest }, "immuconfig")).toBe(
      "npm install --save-exact immuconfig@1.4.5",
    );
  });

  test("is for the whole machine when the installation is", () => {
    const global = { kind: "global", path: "/x", target: "/x" } as const;
    const words = (manager: "bun" | "npm" | "pnpm" | "yarn") =>
      managerCommand({ ...global, manager }, "bun", "1.4.5")?.words.join(" ");
    expect(words("npm")).toBe("npm install --global bun@1.4.5");
    expect(words("yarn")).toBe("yarn global add bun@1.4.5");
    expect(managerCommand({ ...global, kind: "binary" }, "bun", "1.4.5")).toBeUndefined();
  });
});

function host(platform: string, arch: string, musl = false): Host {
  return { platform, arch, musl };
}

test("the platform packages are those that are published", () => {
  expect(bunProduct(host("linux", "x64")).platformPackage).toBe("@oven/bun-linux-x64");
  expect(bunProduct(host("linux", "arm64", true)).platformPackage).toBe(
    "@oven/bun-linux-aarch64-musl",
  );
  expect(bunProduct(host("darwin", "arm64")).platformPackage).toBe("@oven/bun-darwin-aarch64");
  expect(bunProduct(host("win32", "x64")).member).toBe("package/bin/bun.exe");
  expect(selfProduct(host("linux", "arm64")).platformPackage).toBe("@immuconfig/cli-linux-arm64");
  expect(() => bunProduct(host("aix", "ppc64"))).toThrow(/no program is made for aix ppc64/);
});
