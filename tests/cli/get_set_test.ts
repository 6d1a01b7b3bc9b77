import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { bootstrapFile, command, writeFiles, PROCESS_TESTS_TIMEOUT_MS } from "../support/cli.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

describe("get", () => {
  test("--json prints every member of the record, and no other", async () => {
    const cwd = temporaryFolder();
    const file = await bootstrapFile(cwd);
    await command(["feature", "enable", "DEBUG"], { cwd });
    const { exitCode, stdout, stderr } = await command(["get", "--json"], { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout.endsWith("}\n")).toBe(true);
    expect(JSON.parse(stdout)).toStrictEqual({
      file,
      record: "014074c8c80400000001185099",
      version: 1,
      registry: { url: "https://registry.example.test", hash: "c8c87440" },
      features: { DEBUG: true },
      flags: "00000004",
      terminal: { mode: "cooked", rows: 24, cols: 80 },
      generation: 2,
      frozen: false,
      signed: false,
      checksum: "25a22d89f45f7899",
    });
  });

  test("prints each field as text and as JSON", async () => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    const fields: Record<string, [string, unknown]> = {
      record: ["014074c8c80000000001185029", "014074c8c80000000001185029"],
      version: ["1", 1],
      registry: [
        'url "https://registry.example.test"\nhash "c8c87440"',
        { url: "https://registry.example.test", hash: "c8c87440" },
      ],
      "registry.url": ["https://registry.example.test", "https://registry.example.test"],
      "registry.hash": ["c8c87440", "c8c87440"],
      features: ["DEBUG false", { DEBUG: false }],
      "features.DEBUG": ["false", false],
      terminal: ['mode "cooked"\nrows 24\ncols 80', { mode: "cooked", rows: 24, cols: 80 }],
      "terminal.mode": ["cooked", "cooked"],
      "terminal.rows": ["24", 24],
      "terminal.cols": ["80", 80],
      generation: ["1", 1],
      frozen: ["false", false],
      "bun.minimum": ["null", null],
      "upgrade.unsigned": ["", []],
    };
    await Promise.all(
      Object.entries(fields).map(async ([field, [text, json]]) => {
        const [plain, machine] = await Promise.all([
          command(["get", field], { cwd }),
          command(["get", field, "--json"], { cwd }),
        ]);
        expect([field, plain.stdout]).toEqual([field, `${text}\n`]);
        expect([field, JSON.parse(machine.stdout)]).toEqual([field, json]);
      }),
    );
  });

  test("prints what set wrote beside the record", async () => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    const urls = ["https://a.example.test", "https://b.example.test"];
    await command(["set", "bun.minimum", "1.4.5"], { cwd });
    await command(["set", "upgrade.unsigned", urls.join(",")], { cwd });
    expect((await command(["get", "bun.minimum"], { cwd })).stdout).toBe("1.4.5\n");
    expect((await command(["get", "upgrade.unsigned"], { cwd })).stdout).toBe(
      `${urls.join("\n")}\n`,
    );
    const machine = await command(["get", "upgrade.unsigned", "--json"], { cwd });
    expect(JSON.parse(machine.stdout)).toEqual(urls);
  });

  test("finds the file from a folder below, by --file and by IMMUCONFIG_FILE", async () => {
    const [cwd, other] = [temporaryFolder(), temporaryFolder()];
    writeFiles(cwd, { "src/deep/a.ts": "" });
    await bootstrapFile(cwd);
    const file = await bootstrapFile(other);
    const below = await command(["get", "version"], { cwd: `${cwd}/src/deep` });
    expect(below.stdout).toBe("1\n");
    const named = await command(["get", "--json", "--file", "bunfig.lockb"], { cwd: other });
    expect(JSON.parse(named.stdout).file).toBe(file);
    const variable = await command(["get", "--json"], { cwd, env: { IMMUCONFIG_FILE: file } });
    expect(JSON.parse(variable.stdout).file).toBe(file);
    const both = await command(["get", "--json", "--file", "bunfig.lockb"], {
      cwd,
      env: { IMMUCONFIG_FILE: file },
    });
    expect(JSON.parse(both.stdout).file).toBe(`${cwd}/bunfig.lockb`);
  });

  test("options that every command takes stand before it as well", async () => {
    const folder = temporaryFolder();
    const file = await bootstrapFile(folder);
    const cwd = temporaryFolder();
    for (const words of [
      ["--file", file, "--json", "get", "version"],
      [`--file=${file}`, "-q", "--no-color", "get", "version", "--json"],
    ]) {
      expect(await command(words, { cwd })).toMatchObject({
        exitCode: 0,
        stdout: "1\n",
        stderr: "",
      });
    }
    for (const words of [
      ["--json", "--help"],
      ["--help", "--json"],
      ["--json", "help", "get"],
    ]) {
      const { stdout, exitCode } = await command(words, { cwd });
      expect([exitCode, Object.keys(JSON.parse(stdout) as object)]).toEqual([0, ["help"]]);
    }
  });

  test("a field or flag that is not there is named, with a suggestion", async () => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    const field = await command(["get", "verison"], { cwd });
    expect(field.exitCode).toBe(2);
    expect(field.stderr).toContain("Did you mean version?");
    const flag = await command(["get", "features.DEBGU"], { cwd });
    expect(flag.exitCode).toBe(3);
    expect(flag.stderr).toContain("Did you mean DEBUG?");
    for (const inherited of ["features.constructor", "features.__proto__", "toString"]) {
      expect((await command(["get", inherited], { cwd })).exitCode).toBeGreaterThan(1);
    }
  });
});

describe("set", () => {
  test("writes each setting, counts it, and says so", async () => {
    const cwd = temporaryFolder();
    const file = await bootstrapFile(cwd);
    const settings: [string[], RegExp][] = [
      [
        ["registry", "HTTPS://Npm.Acme.Test:443/"],
        /^Wrote registryHash [0-9a-f]{8} in .+, durable\n$/,
      ],
      [["terminal.mode", "raw"], /^Wrote terminal\.mode raw in .+, durable\n$/],
      [["terminal.rows", "0"], /^Wrote terminal\.rows 0 in /],
      [["terminal.cols", "255"], /^Wrote terminal\.cols 255 in /],
      [["bun.minimum", "1.4.5"], /^Wrote bun\.minimum 1\.4\.5 in /],
      [["version", "0", "--allow-downgrade"], /^Wrote version 0 at offset 4 in /],
      [["version", "1"], /^Wrote version 1 at offset 4 in /],
    ];
    for (const [words, message] of settings) {
      const { exitCode, stdout, stderr } = await command(["set", ...words], { cwd });
      const note = words[0] === "registry" ? /^a plain bun install asks elsewhere/ : /^$/;
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(note) });
      expect(stdout).toMatch(message);
    }
    const all = JSON.parse((await command(["get", "--json"], { cwd })).stdout);
    expect(all).toMatchObject({
      version: 1,
      registry: { url: "https://npm.acme.test" },
      terminal: { mode: "raw", rows: 0, cols: 255 },
      generation: 8,
    });
    const before = readFileSync(file);
    const again = await command(["set", "version", "1"], { cwd });
    expect(again.stdout).toContain("nothing written");
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test("--json tells what was written; --quiet tells nothing", async () => {
    const cwd = temporaryFolder();
    const file = await bootstrapFile(cwd);
    const { stdout } = await command(["set", "terminal.cols", "100", "--json"], { cwd });
    const report = JSON.parse(stdout);
    expect(report.nanoseconds).toBeGreaterThan(0);
    expect(report).toStrictEqual({
      file,
      field: "terminal.cols",
      changed: true,
      record: expect.stringMatching(/^014074c8c800000000011864[0-9a-f]{2}$/),
      generation: 2,
      nanoseconds: report.nanoseconds,
      durable: true,
    });
    const quiet = await command(["set", "terminal.cols", "90", "-q"], { cwd });
    expect(quiet).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect((await command(["get", "terminal.cols", "--quiet"], { cwd })).stdout).toBe("90\n");
  });

  test("keeps a scope's registry beside the record's own", async () => {
    const cwd = temporaryFolder();
    await bootstrapFile(cwd);
    const words = ["set", "registry", "https://npm.acme.test/", "--scope", "@acme"];
    expect((await command(words, { cwd })).stdout).toContain("registry of @acme");
    expect((await command(["get", "registry.url"], { cwd })).stdout).toBe(
      "https://registry.example.test\n",
    );
  });
});
