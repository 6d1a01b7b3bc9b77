/** What the library makes of a start is what the TypeScript makes of it (src/runtime/request.zig). */

import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { requireBun } from "../../src/base/bun_version.ts";
import type { Environment } from "../../src/base/environment.ts";
import { userTrustPath } from "../../src/base/user_folders.ts";
import { findFile } from "../../src/store/find.ts";
import { DECIDING_VARIABLES } from "../../src/runtime/deciding_variables.ts";
import { programFolder } from "../../src/runtime/program.ts";
import { writeConfigFile } from "../support/config_files.ts";
import { hasAllCores } from "../support/native_cores.ts";
import { openNativeView } from "../support/native_view.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { errorOf } from "../support/errors.ts";
import { isLinux } from "../support/tools.ts";

const temporaryFolder = useTemporaryFolders();

// Windows has no such view, and elsewhere it takes the built library.
describe.skipIf(!hasAllCores || process.platform === "win32")("the library", () => {
  const nativeView = hasAllCores ? openNativeView() : () => undefined;
  let root = "";

  beforeAll(() => {
    root = realpathSync(temporaryFolder());
  });

  test("looks for the record where the program's place says", () => {
    const names = ["a", "ab", "node_modules"];
    for (const first of names) {
      for (const second of names) mkdirSync(join(root, first, second), { recursive: true });
    }
    for (const folder of ["", "a", "ab/a", "a/node_modules", "node_modules/ab"]) {
      writeConfigFile(join(root, folder));
    }
    const inside = fc.array(fc.constantFrom(...names), { maxLength: 2 });
    const places = inside.map((parts) => [root, ...parts].join("/"));
    const mains = fc.oneof(
      places.map((place) => `${place}/node_modules/x/c.js`),
      places.map((place) => `${place}/c.ts`),
      fc.constantFrom(
        "c.ts",
        "/c.ts",
        "",
        undefined,
        "/node_modules/x.js",
        `${root}c/node_modules/c.js`,
      ),
    );
    const found = new Set<string>();
    fc.assert(
      fc.property(mains, places, (main, cwd) => {
        const expected = findFile({ cwd, env: {}, program: programFolder(main, cwd) });
        const view = nativeView({ cwd, main });
        expect([main, cwd, view?.path]).toEqual([main, cwd, expected]);
        found.add(expected ?? "");
      }),
      { numRuns: 1_000 },
    );
    expect(found.size).toBe(5);
    // Where such a program lies says the store.
    for (const main of ["/$bunfs/root/exe", "B:/~BUN/root/exe", "B:\\~BUN\\root\\exe"]) {
      expect([main, nativeView({ cwd: root, main })]).toEqual([main, undefined]);
    }
  });

  test("believes an unsigned file where nobody is trusted", () => {
    writeConfigFile(root);
    const trusting = join(root, "trusting");
    for (const below of ["immuconfig", ".config/immuconfig"]) {
      mkdirSync(join(trusting, below), { recursive: true });
      Bun.spawnSync(["touch", join(trusting, below, "trust.json")]);
    }
    const folder = fc.constantFrom(undefined, "", "relative", trusting, root, `${trusting}/x`);
    const text = fc.constantFrom(undefined, undefined, undefined, "", "x");
    const environments = fc.record({
      XDG_CONFIG_HOME: folder,
      HOME: folder,
      IMMUCONFIG_TRUST: text,
      IMMUCONFIG_TRUSTED_KEYS: text,
    });
    const seen = { believed: 0, unsure: 0 };
    fc.assert(
      fc.property(environments, (env: Environment) => {
        const { IMMUCONFIG_TRUST: file, IMMUCONFIG_TRUSTED_KEYS: keys } = env;
        const path = userTrustPath(env);
        const trusts = file !== undefined || keys !== undefined || (path && existsSync(path));
        const expected = trusts ? "unsure" : "believed";
        const view = nativeView({ cwd: root, env });
        expect([env, view === undefined ? "unsure" : "believed"]).toEqual([env, expected]);
        seen[expected]++;
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(seen.believed, seen.unsure)).toBeGreaterThan(50);
  });

  test("answers no Bun that is too old", () => {
    writeConfigFile(root);
    const number = fc.oneof(fc.nat({ max: 5 }), fc.nat());
    const plain = fc.tuple(number, number, number).map((numbers) => numbers.join("."));
    const builds = fc.tuple(plain, fc.constantFrom("", "-canary.1", "+5", "-a+b.c"));
    const answers = (version: string): boolean => nativeView({ cwd: root, version }) !== undefined;
    const seen = { yes: 0, no: 0 };
    fc.assert(
      fc.property(builds, ([numbers, build]) => {
        const version = numbers + build;
        expect([version, answers(version)]).toEqual([version, suits(version)]);
        seen[suits(version) ? "yes" : "no"]++;
      }),
      { numRuns: 1_000 },
    );
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(50);
    fc.assert(
      fc.property(fc.string(), (version) => {
        if (answers(version)) expect([version, suits(version)]).toEqual([version, true]);
      }),
    );
    expect(answers(Bun.version)).toBeTrue();
  });

  test.skipIf(!isLinux)(
    "takes no variable that decides but what the process was started with",
    () => {
      const path = writeConfigFile(root);
      const values: Environment = { IMMUCONFIG_PIN: "off", IMMUCONFIG_FILE: path };
      for (const name of DECIDING_VARIABLES) {
        if (name.startsWith("IMMUCONFIG_TRUST")) continue;
        const env = { [name]: values[name] ?? `${root}/nowhere` };
        expect([name, nativeView({ cwd: root, env })?.path]).toEqual([name, path]);
        expect([name, nativeView({ cwd: root, env, isOwn: 1 })]).toEqual([name, undefined]);
      }
      expect(nativeView({ cwd: root, env: { HOME: root }, isOwn: 1 })?.path).toBe(path);
    },
  );

  test("leaves what is no text, or is too much of it, to the store", () => {
    const path = writeConfigFile(root);
    const odd = { IMMUCONFIG_FILE: 5 } as unknown as Environment;
    const failing = Object.defineProperty({}, "HOME", {
      get(): never {
        throw new RangeError("no home");
      },
    });
    expect(nativeView({ cwd: root, env: odd })).toBeUndefined();
    expect(nativeView({ cwd: root, env: { IMMUCONFIG_PIN: "x".repeat(1e6) } })).toBeUndefined();
    expect(nativeView({ cwd: "" })).toBeUndefined();
    expect(errorOf(() => nativeView({ cwd: root, env: failing }))).toBeInstanceOf(RangeError);
    expect(nativeView({ cwd: root })?.path).toBe(path);
  });
});

/** Whether TypeScript takes a Bun of this version. */
function suits(version: string): boolean {
  try {
    requireBun(version);
    return true;
  } catch {
    return false;
  }
}
