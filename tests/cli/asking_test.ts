import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { readConfigFile } from "../../src/trust/verified.ts";
import { bootstrapFile, command, NO_HOME, writeFiles } from "../support/cli.ts";
import { useTemporaryFolders } from "../support/temp.ts";

const temporaryFolder = useTemporaryFolders();

/** A project of which `server` has a newer version, and every file of it. */
async function projectWithFlag() {
  const cwd = temporaryFolder();
  writeFiles(cwd, {
    "package.json": '{"name":"shop"}',
    "a.ts":
      'import { feature } from "bun:bundle";\nconsole.log(feature("DEBUG") ? "on" : "off");\n',
  });
  const path = await bootstrapFile(cwd);
  const file = readConfigFile(path, { HOME: NO_HOME });
  const newer = encodeFile({ ...file, generation: file.generation + 1 });
  const contents = () =>
    readdirSync(cwd).map((name) => [name, readFileSync(join(cwd, name), "latin1")]);
  return { cwd, newer, contents };
}

test.each([
  ["init", "Go ahead?"],
  ["feature retire DEBUG --keep off", "retire DEBUG?"],
  ["pull --env live", "Write this to"],
])("who says no to %s is told that nothing was changed, and finds it so", async (words, asked) => {
  const { cwd, newer, contents } = await projectWithFlag();
  using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(newer),
  });
  const env = {
    IMMUCONFIG_SERVER: `http://127.0.0.1:${server.port}`,
    IMMUCONFIG_PROJECT: "shop",
    IMMUCONFIG_TOKEN: "secret",
  };
  const before = contents();
  const { exitCode, stdout, stderr } = await command(words.split(" "), { cwd, env, answer: false });
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringContaining(asked),
  });
  expect(stderr).toContain("not agreed: nothing was changed");
  expect(contents()).toEqual(before);
});

test("a source that changes while retire asks stops it, and the others are put back", async () => {
  const { cwd, contents } = await projectWithFlag();
  const source = readFileSync(join(cwd, "a.ts"), "utf8");
  writeFiles(cwd, { "b.ts": source });
  const before = contents();
  const { exitCode, stderr } = await command(["feature", "retire", "DEBUG", "--keep", "off"], {
    cwd,
    answer: async () => {
      writeFiles(cwd, { "b.ts": `${source}// mine\n` });
      return true;
    },
  });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining("b.ts has changed meanwhile"),
  });
  writeFiles(cwd, { "b.ts": source });
  expect(contents()).toEqual(before);
});

test.each(["--wrap", "--gate", "--postinstall", "--no-text", "--registry https://a.example.test"])(
  "init --undo takes away, and refuses %s",
  async (option) => {
    const cwd = temporaryFolder();
    const words = ["init", "--undo", "--yes", ...option.split(" ")];
    const { exitCode, stderr } = await command(words, { cwd });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining(`${option.split(" ")[0]} does not go with --undo`),
    });
  },
);
