/** What an install is taken for, by what started it: package managers that real installs do not try. */

import { describe, expect, test } from "bun:test";
import { isInstalledPackage, whyCreatesNone } from "../../src/store/install_context.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

test("a package lies in a folder called node_modules, and in none that only begins so", () => {
  expect(isInstalledPackage("/projects/node_modules/shop")).toBe(true);
  expect(isInstalledPackage("C:\\work\\node_modules\\shop")).toBe(true);
  expect(isInstalledPackage("/projects/node_modules_old/shop")).toBe(false);
});

describe("an install", () => {
  test.each([
    "npm ci",
    "node /opt/npm/bin/npm-cli.js clean-install",
    "/usr/bin/pnpm install --prod",
    "yarn install --immutable",
    "node /opt/yarn.cjs install --frozen-lockfile",
  ])("that `%s` started reproduces one", (command) => {
    const ancestors = [
      { pid: 30, command: "sh -c immuconfig bootstrap" },
      { pid: 20, command },
    ];
    expect(whyCreatesNone(temporaryFolder(), {}, ancestors)).toStartWith("where it reproduces one");
  });

  test("is not judged by the words of a program that is no package manager", () => {
    const ancestors = [{ pid: 20, command: "make ci --production" }];
    expect(whyCreatesNone(temporaryFolder(), {}, ancestors) ?? "").not.toContain("reproduces");
  });

  test("is a container's where the package manager is the first process", () => {
    const ancestors = [{ pid: 1, command: "npm install" }];
    expect(whyCreatesNone(temporaryFolder(), {}, ancestors)).toBe("in a container");
  });

  test("under CI is that before all", () => {
    const ancestors = [{ pid: 1, command: "npm ci" }];
    expect(whyCreatesNone(temporaryFolder(), { CI: "true" }, ancestors)).toBe("under CI");
  });
});
