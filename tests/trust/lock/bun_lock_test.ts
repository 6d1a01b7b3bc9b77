import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ImmuconfigError } from "../../../src/base/errors.ts";
import { type BunLock, parseBunLock } from "../../../src/trust/lock/bun_lock.ts";
import {
  ALLOWABLE_RULES,
  judgeLock,
  type LockFinding,
  refusedFindings,
} from "../../../src/trust/lock/lock_rules.ts";
import {
  compareIndex,
  encodeIndex,
  type IndexEntry,
  indexLock,
} from "../../../src/trust/lock/package_index.ts";
import { PROCESS_TESTS_TIMEOUT_MS } from "../../support/cli.ts";
import { type JsonValue, parseManifestJson } from "../../../src/trust/lock/strict_jsonc.ts";
import { errorOf } from "../../support/errors.ts";
import {
  type LockedProject,
  motleyProject,
  plainProject,
  runBun,
} from "../../support/locked_project.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { useTemporaryFolders } from "../../support/temp.ts";
import { TestRegistry } from "../../support/test_registry.ts";

const temporaryFolder = useTemporaryFolders();
let registry: TestRegistry;
let plain: LockedProject;
let motley: LockedProject;

beforeAll(async () => {
  registry = await TestRegistry.start();
  plain = await plainProject(temporaryFolder(), registry);
  motley = await motleyProject(temporaryFolder(), registry);
}, PROCESS_TESTS_TIMEOUT_MS);
afterAll(() => registry[Symbol.asyncDispose]());

function parse(text: string): BunLock {
  return parseBunLock(text, "bun.lock");
}

function judge(text: string): LockFinding[] {
  return judgeLock(parse(text), { default: registry.url });
}

function indexOf(text: string, patch = "patch"): IndexEntry[] {
  return indexLock(parse(text), () => new TextEncoder().encode(patch));
}

/** Changes a text, and fails where there is nothing to change. */
function edited(text: string, from: string | RegExp, to: string): string {
  const after = text.replace(from, () => to);
  if (after === text) throw new Error(`${String(from)} is not in the lockfile`);
  return after;
}

const DIGEST = /sha512-[A-Za-z0-9+/]+==/;
const WEAK_DIGEST = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

describe("a lockfile that Bun wrote", () => {
  test("of registry packages has no findings", () => {
    expect(judge(plain.lock)).toEqual([]);
    const { packages } = parse(plain.lock);
    expect(packages.map(({ key, name, kind }) => `${key} ${name} ${kind}`)).toEqual([
      "@scope/peer @scope/peer npm",
      "inner inner npm",
      "other inner npm",
      "outer outer npm",
      "outer/inner inner npm",
    ]);
  });

  test("with every other source has a finding for each, all allowable", () => {
    const findings = judge(motley.lock);
    expect(findings.map(({ rule, about }) => `${rule} ${about.split(/[ @]/)[0]}`)).toEqual([
      "file archive",
      "git bygit",
      "url byurl",
      "file folder",
      "patch two",
      "override three",
      "trusted one",
    ]);
    expect(refusedFindings(findings, ALLOWABLE_RULES)).toEqual([]);
    const left = refusedFindings(findings, ["git", "file", "patch", "alias", "integrity"]);
    expect(left.map(({ rule }) => rule)).toEqual(["url", "override", "trusted"]);
  });

  test("of this repository can be read and has nothing but registry packages", () => {
    const text = readFileSync(join(REPOSITORY, "bun.lock"), "utf8");
    const { packages } = parse(text);
    expect(packages.length).toBeGreaterThan(100);
    const pinned = { default: "https://registry.example.test" };
    expect(judgeLock(parse(text), pinned).filter(({ rule }) => rule !== "trusted")).toEqual([]);
  });
});

interface Variant {
  readonly change: (lock: string) => string;
  readonly rule: LockFinding["rule"];
  /** Real Bun installs it under --frozen-lockfile. */
  readonly bunAccepts?: boolean;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  "an empty digest": {
    change: (lock) => edited(lock, DIGEST, ""),
    rule: "integrity",
    bunAccepts: true,
  },
  "no digest": {
    change: (lock) => edited(lock, /, "sha512-[A-Za-z0-9+/]+=="/, ""),
    rule: "integrity",
  },
  "a weak digest": {
    change: (lock) => edited(lock, DIGEST, WEAK_DIGEST),
    rule: "integrity",
    bunAccepts: true,
  },
  "a digest cut short": {
    change: (lock) => edited(lock, /sha512-[A-Za-z0-9+/]{4}/, "sha512-"),
    rule: "integrity",
  },
  "two digests": {
    change: (lock) => edited(lock, DIGEST, `${WEAK_DIGEST} ${DIGEST.exec(lock)?.[0]}`),
    rule: "integrity",
  },
  "a tarball on another host": {
    change: (lock) => edited(lock, registry.url, registry.url.replace("127.0.0.1", "localhost")),
    rule: "registry",
    bunAccepts: true,
  },
  "a tarball by a path that climbs": {
    change: (lock) => edited(lock, "/inner/-/2.0.0.tgz", "/x/../inner/-/2.0.0.tgz"),
    rule: "registry",
    bunAccepts: true,
  },
  "a tarball by a path that climbs in other letters": {
    change: (lock) => edited(lock, "/inner/-/2.0.0.tgz", "/x/%2e%2e/inner/-/2.0.0.tgz"),
    rule: "registry",
    bunAccepts: true,
  },
  "a tarball whose address has another spelling": {
    change: (lock) => edited(lock, "http://", "http:/"),
    rule: "registry",
    bunAccepts: true,
  },
  "a digest with something behind it": {
    change: (lock) => edited(lock, DIGEST, `${DIGEST.exec(lock)?.[0]}?x`),
    rule: "integrity",
    bunAccepts: true,
  },
  "a tarball with credentials": {
    change: (lock) => edited(lock, "http://", "http://me:secret@"),
    rule: "registry",
    bunAccepts: true,
  },
  "another package under a name": {
    change: (lock) =>
      edited(
        lock,
        /"outer": \["outer@1.0.0", "[^"]*", \{[^}]*\}[^}]*\}/,
        '"outer": ["inner@2.0.0", "", {}',
      ),
    rule: "alias",
  },
  "a dependency that is not locked": {
    change: (lock) => edited(lock, /\n {4}"inner": .*\n/, "\n"),
    rule: "missing",
  },
};

describe("a changed lockfile is judged:", () => {
  test.each(Object.entries(VARIANTS))("%s", async (_, { change, rule, bunAccepts }) => {
    const text = change(plain.lock);
    const findings = judge(text);
    expect(new Set(findings.map((finding) => finding.rule))).toContain(rule);
    expect(refusedFindings(findings, ALLOWABLE_RULES)).not.toEqual([]);
    expect(compareIndex(indexOf(text), encodeIndex(indexOf(plain.lock)))).toBeDefined();
    if (bunAccepts !== true) return;
    rmSync(join(plain.folder, "node_modules"), { recursive: true, force: true });
    writeFileSync(join(plain.folder, "bun.lock"), text);
    const { exitCode, stderr } = await runBun(plain, ["install", "--frozen-lockfile"]);
    writeFileSync(join(plain.folder, "bun.lock"), plain.lock);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  });

  const listed: [string, string | RegExp, string][] = [
    ["an older lockfile", '"lockfileVersion": 2', '"lockfileVersion": 1'],
    ["older settings", '"configVersion": 1', '"configVersion": 0'],
    ["no settings", /  "configVersion": 1,\n/, ""],
    ["scripts that may run", '"packages": {', '"trustedDependencies": ["outer"], "packages": {'],
    ["a patch", '"packages": {', '"patchedDependencies": {"inner@2.0.0":"p.patch"}, "packages": {'],
    ["a wider range", '"outer": "^1"', '"outer": "*"'],
    [
      "one dependency more",
      /(?<="outer@1.0.0", "[^"]*", \{)/,
      '"optionalDependencies":{"evil":"*"},',
    ],
    ["another program", '"bin": "index.js"', '"bin": {"npm":"index.js"}'],
    ["another system", /"os": \[[^\]]*\]/, '"os": "none"'],
    ["a script at install", '"bin": "index.js"', '"bin": "index.js", "hasInstallScript": true'],
  ];
  test.each(listed)("%s, which Bun takes, is not what is listed", async (_, from, to) => {
    const text = edited(plain.lock, from, to);
    expect(compareIndex(indexOf(text), encodeIndex(indexOf(plain.lock)))).toBeDefined();
    expect(compareIndex(indexOf(plain.lock), encodeIndex(indexOf(text)))).toBeDefined();
    rmSync(join(plain.folder, "node_modules"), { recursive: true, force: true });
    writeFileSync(join(plain.folder, "bun.lock"), text);
    const { exitCode, stderr } = await runBun(plain, ["install", "--frozen-lockfile"]);
    writeFileSync(join(plain.folder, "bun.lock"), plain.lock);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  });

  test.each([
    [/bygit@git\+[^"#]*#[0-9a-f]{40}/, "bygit@git+file:///x.git#main", "integrity"],
    ["folder@file:folder", "folder@file:../folder", "path"],
    ["folder@file:folder", "folder@link:/etc", "path"],
    ["archive@./archive.tgz", "archive@../archive.tgz", "path"],
  ])("%p becomes %p: %s", (from, to, rule) => {
    const rules = judge(edited(motley.lock, from, to)).map((finding) => finding.rule);
    expect(rules).toContain(rule as LockFinding["rule"]);
  });

  test("a scope's tarballs belong to its own registry", () => {
    const other = "https://npm.acme.test";
    const lock = parse(plain.lock);
    const rules = judgeLock(lock, { default: registry.url, "@scope": other });
    expect(rules.map(({ rule, about }) => `${rule} ${about}`)).toEqual([
      "registry @scope/peer@1.2.3",
    ]);
    expect(judgeLock(lock, {}).map(({ rule, about }) => `${rule} ${about}`)).toEqual([
      "registry 5 packages",
    ]);
  });
});

describe("what is not a lockfile is refused:", () => {
  const minimal = '{"lockfileVersion":1,"workspaces":{"":{}},"packages":{}}';

  test("the least that is one is read", () => {
    expect(parse(minimal).packages).toEqual([]);
  });

  test.each([
    ["", "expected a value"],
    ["[]", "it is no object"],
    [minimal.replace(":1", ":0"), "1 and 2 are understood"],
    [minimal.replace(":1", ":3"), "1 and 2 are understood"],
    [minimal.replace(":1", ':"1"'), "1 and 2 are understood"],
    [minimal.replace(":1", ":1e0"), "expected a value"],
    [minimal.replace(":1", ':1,"lockfileVersion":1'), "stands twice"],
    [minimal.replace(":1", ':1,"scripts":{}'), "which is unknown"],
    [minimal.replace(":1", ':1,"configVersion":7'), "not 0 or 1"],
    [minimal.replace('"":{}', '"a":{}'), "lacks the root"],
    [minimal.replace('"":{}', '"":{},"../a":{}'), "outside the project"],
    [minimal.replace('"":{}', '"":{"scripts":{}}'), "which is unknown"],
    [minimal.replace('"":{}', '"":{"dependencies":{"a":1}}'), 'not of the kind "texts"'],
    [withPackage('"a":["a@1.0.0","",{},"",0]'), "has not the parts"],
    [withPackage('"a":["a@1.0.0","",[]]'), "has not the parts"],
    [withPackage('"a":["a@1.0.0","",{"scripts":{}},""]'), "which is unknown"],
    [withPackage('"a":["a@1.0.0","",{},""],"a":["a@1.0.0","",{},""]'), "stands twice"],
    [withPackage('"a":["a@1.0.0","",{},""],"\\u0061":["a@1.0.0","",{},""]'), "stands twice"],
    [withPackage('"a":["a"]'), "does not begin with name@version"],
    [withPackage('"a":["a@latest","",{},""]'), "which is unknown"],
    [withPackage('"a":["a@npm:b@1.0.0","",{},""]'), "which is unknown"],
    [withPackage('"..":["a@1.0.0","",{},""]'), "no place of a package"],
    [withPackage('"a/../b":["a@1.0.0","",{},""]'), "no place of a package"],
    [withPackage('"a//b":["b@1.0.0","",{},""]'), "no place of a package"],
    [withPackage('"@s":["a@1.0.0","",{},""]'), "no place of a package"],
    [withPackage('"node_modules":["a@1.0.0","",{},""]'), "no place of a package"],
    [withPackage('"a\\u0000":["a@1.0.0","",{},""]'), "no place of a package"],
    [withPackage('"a":["../a@1.0.0","",{},""]'), "has the name"],
    ["// a comment \r more\n" + minimal, "parsers disagree"],
    ["/* \u2028 */" + minimal, "parsers disagree"],
    ["/* " + minimal, "a comment without an end"],
    ["\ufeff" + minimal, "expected a value"],
    [minimal + "x", "expected the end"],
    ['{"a":"\\ud800"}', "a string that is no JSON"],
    ['{"a":"\u0001"}', "a control character"],
    ['{"a":"x', "a string without an end"],
    ["[".repeat(100_000), "nested deeper"],
    ['{"a":[1,,2]}', "expected a value"],
    ['{"a":[,]}', "expected a value"],
    ["{'a':1}", "double quotes"],
    ["{a:1}", "double quotes"],
    ['{"a":0x10}', "expected a comma"],
    ['{"a":NaN}', "expected a value"],
  ])("%p", (text, message) => {
    const error = errorOf(() => parse(text));
    expect(error).toBeInstanceOf(ImmuconfigError);
    expect(error).toMatchObject({ code: "ERR_PACKAGES" });
    expect(String(error)).toContain(message);
  });

  function withPackage(entry: string): string {
    return minimal.replace('"packages":{}', `"packages":{${entry}}`);
  }

  test("says line and column", () => {
    expect(String(errorOf(() => parse('{\n  "a": 1,\n  "a": 2\n}')))).toContain("bun.lock:3:3:");
  });
});

describe("a package.json", () => {
  test("may hold any number, and a member once", () => {
    const text = `\ufeff{"a":1.5e3,"b":-0.25,"c":${"[".repeat(40)}${"]".repeat(40)}}`;
    expect(parseManifestJson(text, "package.json")).toEqual(
      new Map<string, JsonValue>([
        ["a", 1500],
        ["b", -0.25],
        ["c", expect.any(Array)],
      ]),
    );
    for (const [wrong, why] of [
      ['{"a":1,"\\u0061":2}', 'package.json:1:8: "a" stands twice'],
      ['{"a":01}', "package.json:1:7"],
      [`${"[".repeat(66)}${"]".repeat(66)}`, "nested deeper than 64"],
    ] as const) {
      expect(String(errorOf(() => parseManifestJson(wrong, "package.json")))).toContain(why);
    }
  });
});

describe("the index", () => {
  test("does not depend on comments, blanks, order and line ends", () => {
    const expected = encodeIndex(indexOf(motley.lock));
    const reordered = edited(
      edited(motley.lock, '"lockfileVersion"', '/* a */ "lockfileVersion"'),
      /("one": "catalog:",)(\s+)("two": "\^1",)/,
      '"two":"^1", // two\n"one":"catalog:",',
    );
    for (const text of [reordered, motley.lock.replaceAll("\n", "\r\n"), `${motley.lock}\n`]) {
      expect(encodeIndex(indexOf(text))).toEqual(expected);
    }
  });

  test("names what was added and changed, and counts what is gone", () => {
    const before = encodeIndex(indexOf(plain.lock));
    expect(compareIndex(indexOf(plain.lock), before)).toBeUndefined();
    const changed = edited(plain.lock, '"os": [', '"os": ["win32",');
    expect(compareIndex(indexOf(changed), before)).toEqual({
      added: [],
      changed: ["inner@2.0.0"],
      removedCount: 0,
    });
    const moved = edited(plain.lock, '"outer/inner"', '"inner/inner"');
    expect(compareIndex(indexOf(moved), before)).toEqual({
      added: ["inner/inner (inner@1.0.0)"],
      changed: [],
      removedCount: 1,
    });
  });

  test.each([
    ['"three": "1.0.0"', '"three": "1.0.1"', "overrides"],
    [/"trustedDependencies": \[\s+"one"/, '"trustedDependencies": ["two"', "trustedDependencies"],
    ['"catalog": {', '"catalog": { "x": "1",', "catalog"],
    ['"patches/two.patch"', '"patches/other.patch"', "patch of two@1.0.0"],
    ['"name": "member"', '"name": "member2"', "workspace packages/member"],
  ])("covers %p", (from, to, about) => {
    const before = encodeIndex(indexOf(motley.lock));
    const difference = compareIndex(indexOf(edited(motley.lock, from, to)), before);
    expect(difference).toEqual({ added: [], changed: [about], removedCount: 0 });
  });

  test("covers the bytes of a patch, and not a workspace's own version", () => {
    const before = encodeIndex(indexOf(motley.lock));
    expect(compareIndex(indexOf(motley.lock, "other"), before)?.changed).toEqual([
      "patch of two@1.0.0",
    ]);
    const version = edited(motley.lock, '"version": "0.1.0"', '"version": "0.2.0"');
    expect(compareIndex(indexOf(version), before)).toBeUndefined();
  });
});
