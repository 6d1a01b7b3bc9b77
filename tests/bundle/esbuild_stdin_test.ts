/** Sources that esbuild gets by other ways than a file: its `stdin`, and modules of other plugins. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { immuconfig } from "../../src/bundle/adapters/esbuild.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeRecord } from "./support.ts";

const temporaryFolder = useTemporaryFolders();
const FLAGGED = `import { feature } from "bun:bundle";
import { name } from "./name.js";
export const told: string = name;
if (feature("ON")) console.log("on"); else console.log("off");
`;

function project(enabled: boolean): { root: string; file: string } {
  const root = temporaryFolder();
  writeFiles(root, { "name.js": 'export const name = "n";\n' });
  return { root, file: writeRecord(join(root, "bunfig.lockb"), { ON: { enabled } }) };
}

function settings(root: string, stdin: Partial<esbuild.StdinOptions> = {}) {
  return {
    stdin: { contents: FLAGGED, loader: "ts", resolveDir: root, ...stdin },
    absWorkingDir: root,
    outdir: "out",
    bundle: true,
    write: false,
    format: "esm",
    minifySyntax: true,
    metafile: true,
    logLevel: "silent",
  } satisfies esbuild.BuildOptions;
}

async function faultsOf(options: esbuild.BuildOptions): Promise<readonly esbuild.Message[]> {
  try {
    await esbuild.build(options);
  } catch (error) {
    return (error as esbuild.BuildFailure).errors;
  }
  throw new Error("it was built");
}

test.each([false, true])("stdin gets the record's flags, on: %p", async (enabled) => {
  const { root, file } = project(enabled);
  const inFolder = { sourcefile: "entry.ts", resolveDir: join(root, "src") };
  for (const [stdin, input] of [
    [{}, "<stdin>"],
    [{ sourcefile: "src/entry.ts" }, "src/entry.ts"],
    [inFolder, "src/entry.ts"],
  ] as const) {
    const contents = FLAGGED.replace("./name.js", "name");
    const { outputFiles, metafile } = await esbuild.build({
      ...settings(root, { ...stdin, contents }),
      alias: { name: join(root, "name.js") },
      plugins: [immuconfig({ file })],
    });
    const [{ path, text } = { path: "", text: "" }] = outputFiles;
    expect(path).toBe(join(root, "out", "stdin.js"));
    expect(text).toContain(enabled ? '"on"' : '"off"');
    expect(text).not.toMatch(enabled ? /"off"|bun:bundle/ : /"on"|bun:bundle/);
    expect(text).toContain("told");
    expect(Object.keys(metafile.inputs)).toEqual(["name.js", input]);
  }
});

test("a context builds stdin with the record as it is then", async () => {
  const { root, file } = project(false);
  const context = await esbuild.context({ ...settings(root), plugins: [immuconfig({ file })] });
  try {
    expect((await context.rebuild()).outputFiles[0]?.text).toContain('"off"');
    writeRecord(file, { ON: { enabled: true } });
    expect((await context.rebuild()).outputFiles[0]?.text).toContain('"on"');
  } finally {
    await context.dispose();
  }
});

test("a mistake in stdin is told at its place", async () => {
  const { root, file } = project(false);
  const contents = 'import { feature } from "bun:bundle";\nif (feature("OFF")) console.log(1);\n';
  const plugins = [immuconfig({ file })];
  expect(await faultsOf({ ...settings(root, { contents }), plugins })).toMatchObject([
    { text: expect.stringContaining("unknown-flag"), location: { file: "<stdin>", line: 2 } },
  ]);
});

test("stdin without a flag, or that is no code, is left to esbuild", async () => {
  const { root, file } = project(false);
  for (const stdin of [
    { contents: 'console.log("plain")' },
    { contents: FLAGGED, loader: "text" as const },
  ]) {
    const plain = await esbuild.build(settings(root, stdin));
    const ours = await esbuild.build({ ...settings(root, stdin), plugins: [immuconfig({ file })] });
    expect(ours.outputFiles[0]?.text).toBe(plain.outputFiles[0]?.text ?? "");
  }
});

test("stdin beside entries, which keep their names, says that it is not replaced", async () => {
  const { root, file } = project(false);
  const entryPoints = [writeFiles(root, { "app.js": "console.log(1);\n" })];
  const plugins = [immuconfig({ file })];
  for (const stdin of [{}, { sourcefile: "src/entry.ts" }]) {
    const errors = await faultsOf({ ...settings(root, stdin), entryPoints, plugins });
    expect(errors.map(({ text }) => text).join("\n")).toContain("stdin beside other entries");
  }
});

test("a module of another plugin, and a file that it has taken, say what stands in the way", async () => {
  const { root, file } = project(false);
  const entry = writeFiles(root, { "app.ts": FLAGGED, "virtual.ts": 'import "their:module";\n' });
  const theirs: esbuild.Plugin = {
    name: "theirs",
    setup(build) {
      build.onResolve({ filter: /^their:/ }, ({ path }) => ({ path, namespace: "theirs" }));
      build.onLoad({ filter: /^/, namespace: "theirs" }, () => ({
        contents: FLAGGED,
        loader: "ts",
        resolveDir: root,
      }));
      build.onLoad({ filter: /app\.ts$/ }, () => ({ contents: FLAGGED, loader: "ts" }));
    },
  };
  const fault = async (entryPoint: string, plugins: esbuild.Plugin[]) => {
    const { stdin: _, ...others } = settings(root);
    const options = { ...others, entryPoints: [entryPoint], plugins };
    const errors = await faultsOf(options);
    return errors.map(({ text, notes }) => [text, ...notes.map((note) => note.text)].join(" "));
  };
  const ours = immuconfig({ file });
  const [virtual = ""] = await fault(join(root, "virtual.ts"), [ours, theirs]);
  expect(virtual).toContain('of its namespace "theirs"');
  expect(virtual).toContain("Decide the flag in a .js or .ts file");
  const [taken = ""] = await fault(entry, [theirs, ours]);
  expect(taken).toContain("another plugin has loaded this file");
  expect(taken).toContain("Put immuconfig() before that plugin");
});

test("a file that names the module alone is left to the plugin behind", async () => {
  const { root, file } = project(false);
  writeFiles(root, { "app.js": "// not from bun:bundle\nconsole.log(1);\n" });
  const theirs: esbuild.Plugin = {
    name: "theirs",
    setup(build) {
      build.onLoad({ filter: /app\.js$/ }, () => ({ contents: 'console.log("theirs");' }));
    },
  };
  const { stdin: _, ...others } = settings(root);
  const plugins = [immuconfig({ file }), theirs];
  const { outputFiles } = await esbuild.build({ ...others, entryPoints: ["app.js"], plugins });
  expect(outputFiles[0]?.text).toContain('"theirs"');
});

function place({ location }: esbuild.Message) {
  return { at: location?.column, text: location?.lineText };
}

test("many faults of one long line are told with their places, and without the line", async () => {
  const { root, file } = project(true);
  const one = 'f(feature); g("é"); ';
  const contents = `import { feature } from "bun:bundle"; ${one.repeat(10_000)}`;
  const faults = await faultsOf({
    ...settings(root, { contents }),
    plugins: [immuconfig({ file })],
  });
  expect(faults).toHaveLength(10_000);
  const [first, ...others] = faults.map(place);
  const at = contents.indexOf("feature);");
  expect(first).toEqual({ at, text: "" });
  expect(others.at(-1)).toEqual({ at: at + 9_999 * Buffer.byteLength(one), text: "" });
  const short = { contents: contents.slice(0, contents.indexOf(one) + one.length) };
  const [fault] = await faultsOf({ ...settings(root, short), plugins: [immuconfig({ file })] });
  expect(fault && place(fault)).toEqual({ at, text: short.contents });
}, 60_000);
