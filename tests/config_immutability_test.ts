import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFile } from "../src/format/file.ts";
import { murmurHash3 } from "../src/hash.ts";
import { defaultFile } from "../src/store/default_file.ts";
import { CLI, REPOSITORY } from "./support/repository.ts";

const RUNTIME = join(REPOSITORY, "src", "index.ts");

let folder: string;
let file: string;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-immutable-")));
  file = join(folder, "bunfig.lockb");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  writeFileSync(file, encodeFile(defaultFile({ registry: "https://registry.example.test" })));
});

/** Runs a program that has loaded the record; `body` sees it as `config`. */
async function runPinned(body: string) {
  const program = join(folder, "program.ts");
  writeFileSync(program, `import { config } from ${JSON.stringify(RUNTIME)};\n${body}`);
  const child = Bun.spawn([process.execPath, program], {
    cwd: folder,
    env: { ...process.env, IMMUCONFIG_FILE: undefined, IMMUCONFIG_PIN: undefined },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: 20_000,
  });
  const text = await child.stdout.text();
  return { exitCode: await child.exited, said: JSON.parse(text) as unknown };
}

describe("13-byte config is immutable across spawns", () => {
  test("a spawned `bun-config set version 0` changes nothing", async () => {
    const hash = murmurHash3(readFileSync(file));
    const { said } = await runPinned(`
      const child = Bun.spawnSync([process.execPath, ${JSON.stringify(CLI)},
        "set", "version", "0", "--allow-downgrade"]);
      console.log(JSON.stringify({
        exitCode: child.exitCode, stderr: child.stderr.toString(), version: config.version }));
    `);
    expect(said).toEqual({
      exitCode: 5,
      stderr: expect.stringContaining(`a parent process runs on record 014074c8c800000000011850`),
      version: 1,
    });
    expect(murmurHash3(readFileSync(file))).toBe(hash);
  });

  test("without a pinning parent the same command does change it", () => {
    const child = Bun.spawnSync(
      [process.execPath, CLI, "set", "version", "0", "--allow-downgrade", "--file", file],
      { env: { ...process.env, IMMUCONFIG_PIN: undefined }, cwd: folder },
    );
    expect(child.exitCode).toBe(0);
    expect(readFileSync(file)[4]).toBe(0);
  });

  test("a child sees its parent's record though the file changed between spawn and load", async () => {
    const { said } = await runPinned(`
      const outside = { ...process.env, IMMUCONFIG_PIN: "off" };
      const change = Bun.spawnSync([process.execPath, ${JSON.stringify(CLI)},
        "feature", "enable", "DEBUG"], { env: outside });
      const print = \`import { config } from ${JSON.stringify(RUNTIME)};
        console.log(JSON.stringify({ DEBUG: config.features.DEBUG, generation: config.generation }));\`;
      const read = (env) => JSON.parse(
        Bun.spawnSync([process.execPath, "-e", print], { env }).stdout.toString());
      console.log(JSON.stringify({
        changed: change.exitCode, own: config.features.DEBUG,
        child: read(process.env), outside: read(outside) }));
    `);
    expect(said).toEqual({
      changed: 0,
      own: false,
      child: { DEBUG: false, generation: null },
      outside: { DEBUG: true, generation: 2 },
    });
  });

  test("the record cannot be changed in memory either", async () => {
    const { said } = await runPinned(`
      const attempt = (run) => { try { run(); return "changed"; } catch (e) { return e.name; } };
      console.log(JSON.stringify([
        attempt(() => { config.version = 0; }),
        attempt(() => { config.features.DEBUG = true; }),
        attempt(() => { delete config.registry.url; }),
        attempt(() => { config.terminal.extra = 1; }),
      ]));
    `);
    expect(said).toEqual(["TypeError", "TypeError", "TypeError", "TypeError"]);
  });
});
