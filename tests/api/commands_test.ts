/** The commands of the control plane, as processes, from an empty folder on. */

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { prepareData } from "../../src/api/data_folder.ts";
import { decodeFile, encodeFile, type File } from "../../src/format/file.ts";
import { encodeTrustFile } from "../../src/trust/trust_file.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { seedSigner, signedBySeed } from "../support/signing.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { serveCommand, type Serving } from "./serve_command.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const SEED = new Uint8Array(32).fill(7);
const FILE = { ...PLAIN_FILE, meta: { ...PLAIN_FILE.meta, project: "shop" } };

let server: Serving["process"];
let env: { [name: string]: string };
let folder: string;
let data: string;

beforeAll(async () => {
  data = temporaryFolder();
  const { url, token, process } = await serveCommand(data);
  server = process;
  folder = temporaryFolder();
  writeConfigFile(folder, FILE);
  env = { IMMUCONFIG_SERVER: url, IMMUCONFIG_TOKEN: token, IMMUCONFIG_ENVIRONMENT: "live" };
});

afterAll(async () => {
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
});

function cli(
  args: readonly string[],
  extra: { [name: string]: string } = {},
  cwd = folder,
): Promise<RunResult> {
  return run([BUN, CLI, ...args], { cwd, env: { ...env, ...extra } });
}

test("push creates what is missing only when asked, and pushes a generation once", async () => {
  expect(await cli(["push"])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("push --create"),
  });
  expect(await cli(["push", "--create"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("pushed generation 1 to shop/live"),
  });
  expect((await cli(["push"])).stdout).toContain("has generation 1 already");
});

test.skipIf(process.platform === "win32")("what the server keeps is its user's alone", () => {
  const kept = readdirSync(data, { recursive: true, encoding: "utf8" })
    .map((name) => [name, statSync(join(data, name))] as const)
    .filter(([, stats]) => stats.isFile());
  expect(kept.map(([name]) => basename(name)).toSorted()).toEqual([
    ".gitignore",
    "control_plane.sqlite",
    "control_plane.sqlite-wal",
    "online.key",
  ]);
  for (const [name, { mode }] of kept) expect([name, mode & 0o777]).toEqual([name, 0o600]);
});

test("git leaves a folder of data out that was made, and one that was there is as it was", () => {
  const project = temporaryFolder();
  prepareData(join(project, "immuconfig-data"), true);
  expect(readFileSync(join(project, "immuconfig-data", ".gitignore"), "utf8")).toBe("*\n");
  prepareData(project, true);
  expect(readdirSync(project).toSorted()).toEqual(["control_plane.sqlite", "immuconfig-data"]);
});

test.skipIf(process.platform === "win32")(
  "data that somebody else could have put there are not believed",
  async () => {
    const isRoot = process.getuid?.() === 0;
    for (const plant of [
      (place: string) => chmodSync(place, 0o1777),
      (place: string) => {
        writeFileSync(join(place, "control_plane.sqlite"), "");
        chmodSync(join(place, "control_plane.sqlite"), 0o666);
      },
      ...(isRoot ? [(place: string) => chownSync(place, 65534, 65534)] : []),
    ]) {
      const place = temporaryFolder();
      plant(place);
      const { exitCode, stderr } = await cli(["serve", "--port", "0", "--data", place]);
      expect(stderr).toMatch(/^error: \S+ is not to be believed: (everybody|it belongs)/);
      expect(exitCode).toBe(5);
    }
  },
);

test("a folder of the data that is none is told", async () => {
  const file = join(temporaryFolder(), "data");
  writeFileSync(file, "mine");
  const { exitCode, stderr } = await cli(["serve", "--port", "0", "--data", file]);
  expect(stderr).toStartWith(`error: cannot write ${file}: `);
  expect(exitCode).toBe(1);
});

test("an address of no database is told, and the password in it is not", async () => {
  for (const url of ["postgres://ann:hunter2@127.0.0.1:port/db", "mysql://ann:hunter2@x/db"]) {
    const words = ["serve", "--port", "0", "--data", join(temporaryFolder(), "data")];
    const { exitCode, stdout, stderr } = await cli(words, { DATABASE_URL: url });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("error: DATABASE_URL is not the address of a database");
    expect(stdout + stderr).not.toContain("hunter2");
  }
});

test("override switches with a reason, lists, and gives back", async () => {
  expect(await cli(["override", "set", "DEBUG", "on"])).toMatchObject({ exitCode: 2 });
  expect(
    await cli(["override", "set", "DEBUG", "on", "--reason", "try", "--for", "10m"]),
  ).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/DEBUG is on until \d{4}-/),
  });
  const [listed] = JSON.parse((await cli(["override", "--json"])).stdout);
  expect(listed).toMatchObject({
    name: "DEBUG",
    enabled: true,
    recorded: false,
    override: { reason: "try" },
  });
  expect((await cli(["override", "set", "NOPE", "on", "--reason", "try"])).exitCode).not.toBe(0);
  expect((await cli(["override", "clear", "DEBUG", "--reason", "over"])).exitCode).toBe(0);
  expect((await cli(["override"])).stdout).toBe("DEBUG  off\n");
  expect(await cli(["override", "clear", "DEBUG", "--reason", "again"])).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/DEBUG has no override here\n.*`bun-config override`/),
  });
});

test("watch says what changes", async () => {
  const watching = Bun.spawn([BUN, CLI, "watch", "--json"], {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = watching.stdout.getReader();
  const next = async () => JSON.parse(new TextDecoder().decode((await lines.read()).value));
  expect(await next()).toMatchObject({ generation: 1, flags: [{ name: "DEBUG", enabled: false }] });
  await cli(["override", "set", "DEBUG", "on", "--reason", "watched"]);
  expect(await next()).toMatchObject({ flags: [{ name: "DEBUG", enabled: true }] });
  watching.kill("SIGTERM");
  expect(await watching.exited).toBe(0);
});

test("pull says what differs, asks, and writes a later generation alone", async () => {
  const other = temporaryFolder();
  const path = writeConfigFile(other, { ...FILE, frozen: false });
  const next = encodeFile({ ...FILE, generation: 5, record: { ...FILE.record, featureFlags: 4n } });
  writeFileSync(join(folder, "bunfig.lockb"), next);
  expect((await cli(["push"])).exitCode).toBe(0);
  const asked = await cli(["pull"], {}, other);
  expect(asked).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("DEBUG") });
  expect(decodeFile(readFileSync(path), () => undefined).generation).toBe(1);
  expect(await cli(["pull", "--yes"], {}, other)).toMatchObject({ exitCode: 0 });
  expect(new Uint8Array(readFileSync(path))).toEqual(new Uint8Array(next));
  expect((await cli(["pull", "--yes"], {}, other)).stdout).toContain("the file is what");
  writeConfigFile(other, { ...FILE, generation: 9 });
  expect(await cli(["pull", "--yes"], {}, other)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("generation 9"),
  });
});

test("a broken record of the server's is not written, and nobody is sent to git for it", async () => {
  const other = temporaryFolder();
  const path = writeConfigFile(other, FILE);
  const before = readFileSync(path);
  const bytes = encodeFile({ ...FILE, generation: 7 });
  bytes[40] = (bytes[40] ?? 0) ^ 1;
  using broken = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(bytes),
  });
  const address = { IMMUCONFIG_SERVER: `http://127.0.0.1:${broken.port}` };
  const { exitCode, stderr } = await cli(["pull", "--yes"], address, other);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 4,
    stderr: expect.stringMatching(
      /shop\/live at 127\.0\.0\.1:\d+ is not valid: offset[^]*push a whole one there/,
    ),
  });
  expect(stderr).not.toContain("git restore");
  expect(readFileSync(path)).toEqual(before);
});

test("a record that is not signed for where it is to stand is not written, wherever pull is run", async () => {
  const home = temporaryFolder();
  const other = temporaryFolder();
  const signed = await signedBySeed({ ...FILE, generation: 3 }, SEED);
  const path = writeConfigFile(other, signed);
  const before = readFileSync(path);
  const rule = {
    id: "0".repeat(32),
    project: "shop",
    folders: [realpathSync(other)],
    threshold: 1,
  };
  const key = { publicKey: seedSigner(SEED).publicKey, role: "record" } as const;
  mkdirSync(join(home, ".config", "immuconfig"), { recursive: true, mode: 0o700 });
  writeFileSync(
    join(home, ".config", "immuconfig", "trust.json"),
    encodeTrustFile([{ ...rule, keys: [key], revoked: [] }]),
    { mode: 0o600 },
  );
  const eve = await signedBySeed({ ...FILE, generation: 7 }, new Uint8Array(32).fill(9));
  const answers: [File, RegExp][] = [
    [{ ...FILE, generation: 7 }, /the file is not signed/],
    [
      { ...FILE, generation: 7, meta: { ...FILE.meta, project: "other" } },
      /the file is not signed/,
    ],
    [eve, /is not a trusted one/],
  ];
  const pull = async (answer: File, cwd: string, agreed = ["--yes"]): Promise<RunResult> => {
    using plane = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => new Response(encodeFile(answer)),
    });
    const extra = {
      IMMUCONFIG_SERVER: `http://127.0.0.1:${plane.port}`,
      IMMUCONFIG_PROJECT: "shop",
      HOME: home,
    };
    const result = await cli(["pull", ...agreed, "--file", path], extra, cwd);
    return result;
  };
  for (const [answer, why] of answers) {
    for (const cwd of [other, temporaryFolder()]) {
      const { exitCode, stderr } = await pull(answer, cwd);
      expect({ exitCode, stderr }).toEqual({ exitCode: 4, stderr: expect.stringMatching(why) });
      expect(stderr).toContain("push a whole one there");
      expect(stderr).not.toMatch(/git|Restore/);
      expect(readFileSync(path)).toEqual(before);
    }
  }
  const right = await signedBySeed({ ...FILE, generation: 8 }, SEED);
  // Looked at and not written, it makes nothing here an older one.
  expect((await pull(right, temporaryFolder(), [])).exitCode).toBe(2);
  expect(await pull(right, temporaryFolder())).toMatchObject({ exitCode: 0 });
  expect(new Uint8Array(readFileSync(path))).toEqual(new Uint8Array(encodeFile(right)));
});

test("audit verify finds a forged row, in the server's log and in an export", async () => {
  expect(await cli(["audit", "verify"])).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/the chain of \d+ rows is whole/),
  });
  const { stdout } = await cli(["audit", "export"]);
  const path = join(folder, "audit.jsonl");
  writeFileSync(path, stdout);
  expect((await cli(["audit", "verify", path])).exitCode).toBe(0);
  writeFileSync(path, stdout.replace('"reason":"watched"', '"reason":"forged!"'));
  expect(await cli(["audit", "verify", path])).toMatchObject({
    exitCode: 4,
    stderr: expect.stringContaining("the audit log is broken: row"),
  });
  writeFileSync(path, "{}\n");
  expect((await cli(["audit", "verify", path])).exitCode).toBe(4);
});

test("what names its project needs no record, and the log of the whole server names nothing", async () => {
  const elsewhere = temporaryFolder();
  const unnamed = { IMMUCONFIG_ENVIRONMENT: "" };
  expect(await cli(["audit", "verify"], unnamed, elsewhere)).toMatchObject({ exitCode: 0 });
  for (const words of [["override"], ["request"], ["fleet", "status"]]) {
    const named = await cli([...words, "--project", "shop"], {}, elsewhere);
    expect([words, named.exitCode, named.stderr]).toEqual([words, 0, ""]);
    const { exitCode, stderr } = await cli(words, {}, elsewhere);
    expect([words, exitCode]).toEqual([words, 3]);
    expect(stderr).toContain("no bunfig.lockb");
  }
});

test("a token goes to https, or to this machine, and nowhere else", async () => {
  const elsewhere = { IMMUCONFIG_SERVER: "http://flags.example.test" };
  expect(await cli(["push"], elsewhere)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("https"),
  });
  expect((await cli(["push"], { IMMUCONFIG_TOKEN: "" })).stderr).toContain("there is no token");
  // A variable that is there and empty says nothing.
  const both = { IMMUCONFIG_TOKEN: "imm_wrong", IMMUCONFIG_TOKEN_FILE: "" };
  expect((await cli(["push"], both)).stderr).toContain("unknown, revoked");
  expect(await cli(["push"], { IMMUCONFIG_TOKEN: "imm_wrong" })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("unknown, revoked"),
  });
});

test("stopped and started again, the server has what it had, and no second first token", async () => {
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  const { url, token, process } = await serveCommand(folder, [
    "--data",
    join(data, "immuconfig-data"),
  ]);
  server = process;
  expect(token).toBe("");
  env["IMMUCONFIG_SERVER"] = url;
  expect((await cli(["audit", "verify"])).exitCode).toBe(0);
});
