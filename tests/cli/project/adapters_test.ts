import { expect, test } from "bun:test";
import { command, writeFiles } from "../../support/cli.ts";
import { useTemporaryFolders } from "../../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

const USES = 'import { feature } from "bun:bundle";\nif (feature("DEBUG")) start();\n';
const SETTINGS = 'import { immuconfig } from "immuconfig/vite";\n';

interface Said {
  readonly init: string;
  readonly doctor: string;
}

/** What `init` and then `doctor` say of a project's bundler. */
async function said(manifest: unknown, files: Readonly<Record<string, string>>): Promise<Said> {
  const cwd = temporaryFolder();
  writeFiles(cwd, { "package.json": JSON.stringify(manifest), ...files });
  const env = { npm_config_user_agent: "npm/11.0.0 node/v24.0.0" };
  const init = await command(["init", "--yes", "--json"], { cwd, env });
  const { notes } = JSON.parse(init.stdout) as { notes: string[] };
  const doctor = await command(["doctor"], { cwd, env });
  const lines = doctor.stdout.split("\n");
  const found = lines.flatMap((line, at) =>
    / bundler: /.test(line) ? lines.slice(at, at + 2) : [],
  );
  return {
    init: notes.filter((note) => note.includes("adapter")).join("\n"),
    doctor: found.join("\n"),
  };
}

const BUILD = { "@immuconfig/build": "*" };

test("a bundler without an adapter: what to install, and what to write where", async () => {
  const manifest = { dependencies: { next: "16" }, devDependencies: { vitest: "4", other: "1" } };
  const { init, doctor } = await said(manifest, { "src/app.ts": USES });
  expect(init).toStartWith(
    "What next, vitest builds gets the flags by an adapter: `npm install -D @immuconfig/build@",
  );
  expect(init).toContain(
    'in next.config, for `next build --webpack`: import { immuconfig } from "immuconfig/webpack"',
  );
  expect(doctor).toContain("warn  bundler: src/app.ts asks for flags");
  expect(doctor).toContain("`npm install -D @immuconfig/build@");
});

test("installed, it still has to be named: also in a component, and in a workspace's package", async () => {
  const files = {
    "apps/web/package.json": '{"devDependencies":{"vite":"8"}}',
    "apps/web/vite.config.ts": "export default {};\n",
    "apps/web/src/App.vue": `<script setup>\n${USES}</script>\n`,
  };
  const manifest = { workspaces: ["apps/*"], devDependencies: BUILD };
  const without = await said(manifest, files);
  expect(without.init).toEndWith(
    'by an adapter: in vite.config: import { immuconfig } from "immuconfig/vite"; plugins: [immuconfig()]',
  );
  expect(without.doctor).toContain("apps/web/src/App.vue asks for flags");
  expect(without.doctor).toContain("\n      In vite.config: import");
  const nothing = { init: "", doctor: "" };
  expect(await said(manifest, { ...files, "apps/web/vite.config.ts": SETTINGS })).toEqual(nothing);
});

test("doctor says nothing where no source asks for flags, and neither where there is no bundler", async () => {
  const unused = await said({ devDependencies: { astro: "6" } }, { "a.ts": "1;\n" });
  expect(unused.init).toContain("vite: { plugins: [immuconfig()] }");
  expect(unused.doctor).toBe("");
  for (const manifest of [{ dependencies: { react: "1" } }, { devDependencies: ["vite"] }]) {
    expect(await said(manifest, { "a.ts": USES })).toEqual({ init: "", doctor: "" });
  }
});

test("Bun's own: its build and its HTML routes take no flags from the command line", async () => {
  // As `bun init --react` makes it.
  const manifest = { private: true, devDependencies: BUILD };
  const files = {
    "src/index.ts": 'import { serve } from "bun";\nimport index from "./index.html";\n',
    "src/App.tsx": USES,
    "build.ts": 'await Bun.build({ entrypoints: ["src/index.html"] });\n',
  };
  const { init, doctor } = await said(manifest, files);
  const [build, pages] = [
    'in the options of Bun.build: import { immuconfig } from "immuconfig/bun"; plugins: [immuconfig()]',
    'in bunfig.toml, under [serve.static]: "immuconfig/serve" in plugins',
  ];
  expect(init).toContain(`What Bun.build builds gets the flags by an adapter: ${build}`);
  expect(init).toContain(`What Bun.serve builds gets the flags by an adapter: ${pages}`);
  expect(doctor.toLowerCase()).toContain(build.toLowerCase());
  expect(doctor.toLowerCase()).toContain(pages.toLowerCase());
  const fed = {
    ...files,
    "build.ts": 'import { immuconfig } from "immuconfig/bun";\nawait Bun.build({});\n',
    "bunfig.toml": '[serve.static]\nplugins = ["immuconfig/serve"]\n',
  };
  expect(await said(manifest, fed)).toEqual({ init: "", doctor: "" });
});
