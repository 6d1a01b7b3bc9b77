import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { ImmuconfigError } from "../../src/base/errors.ts";
import { effectiveRegistries } from "../../src/registry/effective.ts";
import { registrySources } from "../../src/registry/registry_sources.ts";
import { PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { errorOf } from "../support/errors.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

// The resolver is held against Bun itself: which of these registries is asked for a package.
const temporaryFolder = useTemporaryFolders();
const asked = new Set<string>();
const servers = ["A", "B", "C", "D"].map((letter) =>
  Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const name = decodeURIComponent(new URL(request.url).pathname).slice(1);
      asked.add(`${name} from ${letter}`);
      return Response.json({}, { status: 404 });
    },
  }),
);
const urls = new Map(servers.map((server, i) => ["ABCD".charAt(i), server.url.origin]));

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop(true)));
});
beforeEach(() => asked.clear());

const PACKAGES = ["x", "@s/y", "@t/z"];

interface Case {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly option?: string;
  readonly noEnvFile?: boolean;
}

const bunfig = (letter: string): string => `[install]\nregistry = "<${letter}>"\n`;
const scopes = (...pairs: string[]): string => `[install.scopes]\n${pairs.join("\n")}\n`;
// Where no source of a case names a registry, this one is asked, and never another machine.
const LAST = { "home/.npmrc": "registry=<D>\n" };

const CASES: Readonly<Record<string, Case>> = {
  "the option over variables": { option: "<A>", env: { BUN_CONFIG_REGISTRY: "<B>" } },
  "the option under scopes": {
    option: "<A>",
    files: { "project/bunfig.toml": bunfig("D") + scopes('"@s" = "<B>"', 't = "<C>"') },
  },
  "BUN_CONFIG_REGISTRY over NPM_CONFIG_REGISTRY": {
    env: { BUN_CONFIG_REGISTRY: "<A>", NPM_CONFIG_REGISTRY: "<B>", npm_config_registry: "<C>" },
  },
  "NPM_CONFIG_REGISTRY over npm_config_registry": {
    env: { NPM_CONFIG_REGISTRY: "<B>", npm_config_registry: "<C>" },
  },
  "npm_config_registry over bunfig": {
    env: { npm_config_registry: "<C>" },
    files: { "project/bunfig.toml": bunfig("A") },
  },
  "an empty variable": {
    env: { BUN_CONFIG_REGISTRY: "", npm_config_registry: "<C>" },
    files: { "project/bunfig.toml": bunfig("A") },
  },
  "a variable that names a variable": { env: { BUN_CONFIG_REGISTRY: "$OTHER", OTHER: "<A>" } },
  ".env over bunfig": {
    files: { "project/.env": "BUN_CONFIG_REGISTRY=<A>\n", "project/bunfig.toml": bunfig("B") },
  },
  ".env in quotes": {
    files: {
      "project/.env": 'A="\nx=1"\nexport npm_config_registry = "<A>" # mine\n',
      "project/bunfig.toml": bunfig("B"),
    },
  },
  ".env left out": {
    noEnvFile: true,
    files: { "project/.env": "BUN_CONFIG_REGISTRY=<A>\n", "project/bunfig.toml": bunfig("B") },
  },
  ".env.local over .env": {
    files: {
      "project/.env": "BUN_CONFIG_REGISTRY=<A>\n",
      "project/.env.local": "BUN_CONFIG_REGISTRY=<B>\n",
      "project/.env.development": "BUN_CONFIG_REGISTRY=<C>\n",
    },
  },
  ".env.production": {
    files: {
      "project/.env.production": "BUN_CONFIG_REGISTRY=<C>\n",
      "project/.env": "BUN_CONFIG_REGISTRY=<A>\n",
    },
  },
  ".env.test under NODE_ENV=test": {
    env: { NODE_ENV: "test" },
    files: {
      "project/.env.test": "BUN_CONFIG_REGISTRY=<C>\n",
      "project/.env.local": "BUN_CONFIG_REGISTRY=<A>\n",
    },
  },
  "a variable of the process over .env": {
    env: { BUN_CONFIG_REGISTRY: "<C>" },
    files: { "project/.env": "BUN_CONFIG_REGISTRY=<A>\n" },
  },
  "a stronger variable of .env over the process's": {
    env: { NPM_CONFIG_REGISTRY: "<C>" },
    files: { "project/.env": "BUN_CONFIG_REGISTRY=<A>\n" },
  },
  "the project's bunfig over the user's": {
    files: { "project/bunfig.toml": bunfig("A"), "home/.bunfig.toml": bunfig("B") },
  },
  "the user's bunfig over the project's .npmrc": {
    files: { "home/.bunfig.toml": bunfig("B"), "project/.npmrc": "registry=<A>\n" },
  },
  "XDG_CONFIG_HOME's bunfig": {
    env: { XDG_CONFIG_HOME: "<folder>/xdg" },
    files: { "xdg/.bunfig.toml": bunfig("A"), "home/.bunfig.toml": bunfig("B") },
  },
  "XDG_CONFIG_HOME without a bunfig": {
    env: { XDG_CONFIG_HOME: "<folder>/xdg" },
    files: { "home/.bunfig.toml": bunfig("B") },
  },
  "a registry with a token": {
    files: { "project/bunfig.toml": '[install]\nregistry = { url = "<A>", token = "t" }\n' },
  },
  "scopes of both bunfigs": {
    files: {
      "project/bunfig.toml": bunfig("A") + scopes('"@s" = "<C>"'),
      "home/.bunfig.toml": scopes('"@s" = "<D>"', '"@t" = "<B>"'),
    },
  },
  "scopes of bunfig over those of .npmrc": {
    files: {
      "project/bunfig.toml": scopes('"@s" = "<C>"'),
      "project/.npmrc": "@s:registry=<A>\n@t:registry=<B>\n",
    },
  },
  "a scope without a URL hides a weaker one": {
    files: {
      "project/bunfig.toml": bunfig("A") + scopes('"@s" = { token = "t" }', '"@t" = ""'),
      "project/.npmrc": "@s:registry=<B>\n@t:registry=<B>\n",
    },
  },
  "a scope twice": {
    files: { "project/bunfig.toml": bunfig("A") + scopes('s = "<C>"', '"@s" = "<B>"') },
  },
  "a scope by a variable": {
    env: { WHERE: "<B>" },
    files: { "project/bunfig.toml": bunfig("A") + scopes('"@s" = "$WHERE"') },
  },
  "the project's .npmrc over the user's": {
    files: { "project/.npmrc": "registry=<A>\n@t:registry=<C>", "home/.npmrc": "@s:registry=<B>" },
  },
  "the user's .npmrc elsewhere": {
    env: { NPM_CONFIG_USERCONFIG: "<folder>/npmrc" },
    files: { npmrc: "registry=<B>\n", "home/.npmrc": "registry=<C>\n" },
  },
  "the user's .npmrc elsewhere by .env": {
    files: {
      "project/.env": "npm_config_userconfig=<folder>/npmrc\n",
      npmrc: "registry=<B>\n",
      "home/.npmrc": "registry=<C>\n",
    },
  },
  "an empty scope in .npmrc": {
    files: { "project/.npmrc": "@s:registry=\n", "home/.npmrc": "@s:registry=<A>\nregistry=<B>" },
  },
  ".npmrc with blanks and quotes": {
    files: { "project/.npmrc": '  registry =  \'<A>\'  \n"@s:registry" = "<B>"\r\n' },
  },
  ".npmrc with comments": {
    files: {
      "project/.npmrc": "; registry=<A>\n# registry=<B>\nregistry=<C>;x\n@s:registry=<A> # y",
    },
  },
  ".npmrc with a section": {
    files: { "project/.npmrc": "registry=<A>\n[s]\nregistry=<B>\n@s:registry=<C>\n" },
  },
  ".npmrc with variables": {
    env: { HOST: "<A>" },
    files: { "project/.npmrc": 'registry="${HOST}"\n@s:registry=${NONE?}<B>\n@t:registry=$HOST\n' },
  },
  ".npmrc twice": { files: { "project/.npmrc": "registry=<A>\nregistry=<B>\n" } },
  ".npmrc in other words": {
    files: { "project/.npmrc": "\ufeffREGISTRY=<A>\nregistry: <B>\n@S:registry=<C>\n" },
  },
  ".npmrc behind what looks like a section": {
    files: {
      "project/.npmrc": " [a]\nregistry=<A>\n@s:registry=<B>\n",
      "home/.npmrc": "registry=<C>\n",
    },
  },
  ".npmrc behind brackets": {
    files: { "project/.npmrc": "[a]x[]\nregistry=<A>\n", "home/.npmrc": "registry=<C>\n" },
  },
  ".npmrc before a section": {
    files: {
      "project/.npmrc": "registry=<A>\n[a] \nregistry=<B>\n",
      "home/.npmrc": "registry=<C>\n",
    },
  },
  ".npmrc with a query": { files: { "project/.npmrc": "registry=<A>/?a=1\n" } },
  "what package.json says": {
    files: {
      "project/package.json": JSON.stringify({
        dependencies: { x: "1", "@s/y": "1", "@t/z": "1" },
        publishConfig: { registry: "<A>" },
      }),
    },
  },
};

function placed(folder: string, { files = {}, env = {}, option }: Case) {
  const fill = (text: string): string =>
    text
      .replaceAll("<folder>", folder)
      .replace(/<([A-D])>/g, (_, letter: string) => urls.get(letter) ?? "");
  const all: Record<string, string> = {
    "project/package.json": JSON.stringify({
      dependencies: Object.fromEntries(PACKAGES.map((name) => [name, "1"])),
    }),
    ...LAST,
    ...files,
  };
  writeFiles(folder, Object.fromEntries(Object.entries(all).map(([k, v]) => [k, fill(v)])));
  return {
    folder: join(folder, "project"),
    env: {
      HOME: join(folder, "home"),
      ...Object.fromEntries(Object.entries(env).map(([k, v]) => [k, fill(v)])),
    },
    option: option === undefined ? undefined : fill(option),
  };
}

describe("the registry in force is the one that Bun asks:", () => {
  test.each(Object.entries(CASES))(
    "%s",
    async (_, what) => {
      const folder = temporaryFolder();
      const { env, option, folder: project } = placed(folder, what);
      const words = ["install", ...(what.noEnvFile === true ? ["--no-env-file"] : [])];
      await run([BUN, ...words, ...(option === undefined ? [] : ["--registry", option])], {
        cwd: project,
        env: { BUN_INSTALL_CACHE_DIR: join(folder, "cache"), ...env },
      });
      const sources = registrySources({
        folder: project,
        env,
        option,
        envFiles: what.noEnvFile !== true,
      });
      const found = effectiveRegistries(sources, env, "https://registry.example.test");
      const expected = PACKAGES.map((name) => {
        const scope = name.startsWith("@") ? name.slice(0, name.indexOf("/")) : "default";
        const inForce = found.find((entry) => entry.scope === scope) ?? found[0];
        const letter = [...urls].find(([, url]) => url === inForce?.url)?.[0];
        return `${name} from ${letter}`;
      });
      expect([...asked].toSorted()).toEqual(expected.toSorted());
    },
    PROCESS_TESTS_TIMEOUT_MS,
  );
});

describe("a source that has no one meaning is refused:", () => {
  test.each([
    [{ "project/.npmrc": "registry=http://127.0.0.1\\/x\n" }, "can be read in several ways"],
    [{ "project/.npmrc": "regis\\try=http://127.0.0.1\n" }, "can be read in several ways"],
    [{ "project/.npmrc": "registry[]=http://127.0.0.1\n" }, "can be read in several ways"],
    [{ "project/.npmrc": "registry=http://a.test\r@s:registry=http://b.test" }, "several ways"],
    [{ "project/.npmrc": "registry;registry=http://127.0.0.1\n" }, "can be read in several ways"],
    [{ "project/.npmrc": "@s:registry #=http://127.0.0.1\n" }, "can be read in several ways"],
    [{ "project/.npmrc": "registry=http://127.0.0.1\nregistry\n" }, "read in several ways"],
    [{ "project/.npmrc": "registry#\n" }, "can be read in several ways"],
    [{ "project/.npmrc": "registry=foo" }, "no registry that Bun can ask"],
    [{ "project/.npmrc": "registry=ftp://127.0.0.1/" }, "no registry that Bun can ask"],
    [{ "project/.npmrc": "registry=${MISSING}" }, "no registry that Bun can ask"],
    // Objects have these by themselves, and no environment does.
    [{ "project/.npmrc": "registry=${constructor}" }, 'names "${constructor}"'],
    [{ "project/.npmrc": "registry=$constructor" }, 'names "$constructor"'],
    [{ "project/bunfig.toml": '[install]\nregistry = "$__proto__"\n' }, 'names "$__proto__"'],
    [{ "project/bunfig.toml": "[install]\nregistry = 1" }, "of the wrong kind"],
    [{ "project/bunfig.toml": "install = 1" }, "of the wrong kind"],
    [{ "project/bunfig.toml": "[install" }, "no TOML"],
    [{ "project/.env": "BUN_CONFIG_REGISTRY=http://$HOST/" }, "more than a plain value"],
    [{ "project/.env": 'BUN_CONFIG_REGISTRY="http://a\nb"' }, "more than a plain value"],
  ])("%p", (files, message) => {
    const { folder, env } = placed(temporaryFolder(), { files });
    const error = errorOf(() =>
      effectiveRegistries(registrySources({ folder, env, envFiles: true }), env, "https://x.test"),
    );
    expect(error).toBeInstanceOf(ImmuconfigError);
    expect(String(error)).toContain(message);
  });

  test("a folder, and a file too large", () => {
    const { folder, env } = placed(temporaryFolder(), {
      files: { "project/.npmrc/x": "", "home/.bunfig.toml": "#".repeat(1024 * 1024 + 1) },
    });
    const surroundings = { folder, env, envFiles: false };
    expect(String(errorOf(() => registrySources(surroundings)))).toContain("has more than");
    const other = { ...surroundings, env: { ...env, XDG_CONFIG_HOME: "/nowhere" } };
    expect(String(errorOf(() => registrySources(other)))).toContain("it is a folder");
  });
});

test("what is overruled is told, without credentials", () => {
  const { folder, env } = placed(temporaryFolder(), {
    files: {
      "project/bunfig.toml": '[install]\nregistry = "https://u:secret@one.test/npm/"\n',
      "project/.npmrc": "registry=https://u:secret@two.test/",
      "home/.npmrc": "registry=nonsense",
    },
  });
  const sources = registrySources({ folder, env, envFiles: true });
  expect(effectiveRegistries(sources, env, "https://x.test")).toEqual([
    {
      scope: "default",
      source: join(folder, "bunfig.toml"),
      url: "https://one.test/npm",
      overruled: [
        { source: join(folder, ".npmrc"), url: "https://two.test" },
        { source: join(env.HOME, ".npmrc"), url: '"nonsense"' },
      ],
    },
  ]);
});
