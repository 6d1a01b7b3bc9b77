/** Vite's development server: modules of one's own, and packages that it bundles ahead. */

import { afterAll, expect, test } from "bun:test";
import { renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createLogger, createServer, type ViteDevServer } from "vite";
import { immuconfig } from "../../src/bundle/adapters/vite.ts";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { makeFolder, writeFiles, writeRecord } from "./support.ts";

const root = makeFolder();
afterAll(() => rmSync(root, { recursive: true, force: true }));

writeFiles(root, {
  "index.html": '<script type="module" src="/main.ts"></script>',
  "main.ts": `import { feature } from "bun:bundle";
import { name } from "flagged";
console.log(name(), feature("ON") ? "main on" : "main off");
export const later = () => import("./part.vue");
`,
  // Vite looks for packages in it.
  "part.vue":
    '<script>\nimport { feature } from "bun:bundle";\nconsole.log(feature("ON") ? 1 : 2);\n</script>\n',
  "answer.ts": `import { feature } from "bun:bundle";
export const answer = feature("ON") ? "on" : "off";
`,
  "settings.ts": `import { config } from "immuconfig";
import { feature } from "bun:bundle";
export const states = [config.features.ON, feature("ON") ? true : false];
`,
  "node_modules/flagged/package.json":
    '{"name":"flagged","version":"1.0.0","type":"module","main":"index.js"}',
  "node_modules/flagged/index.js": `import { feature } from "bun:bundle";
export const name = () => (feature("ON") ? "package on" : "package off");
`,
});

const file = join(root, "bunfig.lockb");
const REGISTER = join(REPOSITORY, "src", "register.ts");

async function start(): Promise<ViteDevServer> {
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
    plugins: [immuconfig({ file })],
  });
  return await server.listen();
}

async function read(server: ViteDevServer, path: string): Promise<string> {
  return await (await fetch(new URL(path, server.resolvedUrls?.local[0]))).text();
}

test.each([true, false])(
  "both see the record, with the flag %p",
  async (enabled) => {
    // The second start finds what the first has bundled ahead, and must not believe it.
    writeRecord(file, { ON: { enabled } });
    const server = await start();
    try {
      const main = await read(server, "/main.ts");
      expect(main).toContain(`${enabled} ? "main on"`);
      const path = /"(\/node_modules\/[^"]*flagged[^"]*)"/.exec(main)?.[1] ?? "";
      const dependency = await read(server, path);
      expect(dependency).toContain(enabled ? "package on" : "package off");
      expect(dependency).not.toContain(enabled ? "package off" : "package on");
    } finally {
      await server.close();
    }
  },
  20_000,
);

test.each([true, false])(
  "the root's own record, where a plugin sets the root: %p",
  async (isLate) => {
    for (const enabled of [true, false]) {
      writeRecord(file, { ON: { enabled } });
      const server = await createServer({
        ...(isLate ? {} : { root }),
        configFile: false,
        logLevel: "silent",
        server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
        plugins: [immuconfig(), isLate ? { name: "late", config: () => ({ root }) } : false],
      });
      await server.listen();
      try {
        const main = await read(server, "/main.ts");
        expect(main).toContain(`${enabled} ? "main on"`);
        const path = /"(\/node_modules\/[^"]*flagged[^"]*)"/.exec(main)?.[1] ?? "";
        expect(await read(server, path)).toContain(enabled ? "package on" : "package off");
      } finally {
        await server.close();
      }
    }
  },
  20_000,
);

test("a running server starts again with a record that changes", async () => {
  writeRecord(file, { ON: { enabled: true } });
  const server = await start();
  try {
    expect(await read(server, "/main.ts")).toContain('true ? "main on"');
    writeRecord(`${file}.next`, { ON: { enabled: false } });
    renameSync(`${file}.next`, file);
    let main = "";
    while (!main.includes('false ? "main on"')) {
      await Bun.sleep(50);
      // While it starts again, nobody answers.
      main = await read(server, "/main.ts").catch(() => "");
    }
    const path = /"(\/node_modules\/[^"]*flagged[^"]*)"/.exec(main)?.[1] ?? "";
    expect(await read(server, path)).toContain("package off");
  } finally {
    await server.close();
  }
}, 60_000);

test("Nuxt's server is not started again without Nuxt, and says what does it", async () => {
  writeRecord(file, { ON: { enabled: true } });
  const customLogger = createLogger("silent");
  const told = Promise.withResolvers<string>();
  const hear = (text: string) => {
    if (text.includes(file)) told.resolve(text);
  };
  Object.assign(customLogger, { warn: hear, info: hear });
  const server = await createServer({
    root,
    configFile: false,
    customLogger,
    server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
    plugins: [immuconfig({ file }), { name: "nuxt:vite-node-server" }],
  });
  await server.listen();
  try {
    writeRecord(file, { ON: { enabled: false } });
    const text = await told.promise;
    expect(text).toContain(`${file} changed`);
    expect(text).toContain("nuxt.config has watch");
  } finally {
    await server.close();
  }
});

test("modules on the server see each flip, in config too", async () => {
  symlinkSync(REPOSITORY, join(root, "node_modules", "immuconfig"));
  writeRecord(file, { ON: { enabled: true } });
  // Without an address, as frameworks start it, which hand on the same plugins each time.
  const server = await createServer({
    root,
    configFile: false,
    logLevel: "silent",
    appType: "custom",
    server: { middlewareMode: true, ws: false, watch: null },
    plugins: [immuconfig({ file })],
  });
  try {
    for (const enabled of [true, false, true]) {
      writeRecord(`${file}.next`, { ON: { enabled } });
      renameSync(`${file}.next`, file);
      let states: unknown;
      while (JSON.stringify(states) !== JSON.stringify([enabled, enabled])) {
        await Bun.sleep(50);
        // While it starts again, nothing answers.
        states = await server.ssrLoadModule("/settings.ts").then(
          (module) => module["states"] as unknown,
          () => undefined,
        );
      }
    }
  } finally {
    await server.close();
  }
}, 60_000);

test("a server in a process that pins the record follows a change", async () => {
  writeRecord(file, { ON: { enabled: true } });
  writeRecord(`${file}.next`, { ON: { enabled: false } });
  const child = join(import.meta.dir, "children", "vite_dev_child.ts");
  const { exitCode, stdout, stderr } = await run(
    [BUN, "--preload", REGISTER, child, root, file, `${file}.next`],
    { cwd: root, env: { IMMUCONFIG_FILE: file } },
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { before, after } = JSON.parse(stdout) as { before: string; after: string };
  expect(before).toContain('true ? "main on"');
  expect(after).toContain('false ? "main on"');
}, 60_000);

test.each(["vue", "svelte"])(
  "packages are found in the typed scripts of components: %s",
  async (extension) => {
    const folder = makeFolder();
    writeFiles(folder, {
      "index.html": '<script type="module" src="/main.ts"></script>',
      "main.ts": `export const later = () => import("./part.${extension}");\n`,
      [`part.${extension}`]: `<script lang="ts">
import { feature } from "bun:bundle";
import type { Data } from "./data";
import { name } from "found";
console.log(feature("ON") ? (name as Data) : 2);
</script>
`,
      "node_modules/found/package.json": '{"name":"found","version":"1.0.0","main":"index.js"}',
      "node_modules/found/index.js": "exports.name = 1;\n",
    });
    const record = join(folder, "bunfig.lockb");
    writeRecord(record, { ON: { enabled: true } });
    const faults: string[] = [];
    const say = (message: string) => void faults.push(message);
    const customLogger = { ...createLogger("silent"), error: say, warn: say };
    const server = await createServer({
      root: folder,
      configFile: false,
      customLogger,
      server: { host: "127.0.0.1", port: 0, hmr: false, watch: null },
      plugins: [immuconfig({ file: record })],
    });
    try {
      await server.listen();
      const { depsOptimizer } = server.environments.client;
      await depsOptimizer?.scanProcessing;
      expect(faults).toEqual([]);
      const { optimized, discovered } = depsOptimizer?.metadata ?? {};
      expect(Object.keys({ ...optimized, ...discovered })).toEqual(["found"]);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  20_000,
);

test("Vite 5, which has no filters of hooks and bundles packages with esbuild", async () => {
  const child = join(import.meta.dir, "children", "vite_older_child.ts");
  for (const enabled of [true, false]) {
    writeRecord(file, { ON: { enabled } });
    // Without a name it is found from the root: the working folder has another.
    const { exitCode, stdout, stderr } = await run([BUN, child, root], { cwd: REPOSITORY });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    const { main, flagged, answer, faults } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
    expect(faults).toEqual([]);
    expect(main).toContain(`${enabled} ? "main on"`);
    expect(flagged).toContain(`${enabled} ? "package on"`);
    expect(answer).toBe(enabled ? "on" : "off");
  }
}, 90_000);
