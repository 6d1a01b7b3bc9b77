// A clone's record and files have no say about which program replaces the user's.
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { registryUrl } from "../../src/format/file.ts";
import { readFileBytes } from "../../src/store/read.ts";
import { decodeFile, encodeFile } from "../../src/format/file.ts";
import { secureFetch } from "../../src/base/secure_fetch.ts";
import { bunProduct, currentHost } from "../../src/upgrade/product.ts";
import { hexBytes } from "../../src/format/bytes.ts";
import { cli } from "../support/cli.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run as runProgram, type RunResult } from "../support/run.ts";
import { seedSigner, signedBySeed } from "../support/signing.ts";
import { packRelease } from "../support/tarball.ts";
import { fakeBun, UpgradeFixture } from "../support/upgrade_fixture.ts";

setDefaultTimeout(60_000);

const { member, platformPackage } = bunProduct(currentHost());
const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

let fixture: UpgradeFixture;
let clone: string;
let home: string;

/** A clone whose record names its own registry, accepts it unsigned, and the registry obliges. */
beforeEach(async () => {
  fixture = await UpgradeFixture.start();
  clone = join(fixture.root, "clone");
  home = join(fixture.root, "home");
  mkdirSync(clone);
  mkdirSync(home);
  fixture.install("1.4.4");
  const tarball = packRelease(member, fakeBun("1.4.5"));
  fixture.registry.publish(platformPackage, { version: "1.4.5", tarball, signatures: [] });
  await run("bootstrap");
  await run("set", "registry", fixture.registry.url);
  await run("set", "upgrade.unsigned", fixture.registry.url);
  fixture.registry.requests.length = 0;
});
afterEach(async () => {
  await fixture[Symbol.asyncDispose]();
});

function run(...words: string[]): Promise<RunResult> {
  return cli(words, { cwd: clone, env: { HOME: home } });
}

function upgrade(...words: string[]): Promise<RunResult> {
  return run("upgrade", "bun", "--to", fixture.target, ...words);
}

function installed(): string {
  return readFileSync(fixture.target, "utf8");
}

function writeAcceptance(text: string, mode = 0o600): void {
  const folder = join(home, ".config", "immuconfig");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "upgrade.json");
  writeFileSync(path, text);
  chmodSync(path, mode);
}

describe("a registry that only a clone's record names", () => {
  test("is not even asked for a program outside the project", async () => {
    for (const words of [[], ["--check"], ["--dry-run"], ["--yes"]]) {
      const { exitCode, stderr } = await upgrade(...words);
      expect(exitCode, words.join(" ")).toBe(4);
      expect(stderr).toContain("is not signed by a key that you trust");
      expect(stderr).toContain(`--registry ${fixture.registry.url}`);
    }
    expect(fixture.registry.requests).toEqual([]);
    expect(installed()).toBe(fakeBun("1.4.4"));
  });

  test("is asked when the user says so, and must sign, whatever the record accepts", async () => {
    const { exitCode, stderr } = await upgrade("--registry", fixture.registry.url);
    expect(exitCode).toBe(4);
    expect(stderr).toContain("did not sign");
    expect(installed()).toBe(fakeBun("1.4.4"));
  });

  test("need not sign when the user accepts that, by option or in the user's own file", async () => {
    expect((await upgrade("--unsigned", fixture.registry.url)).exitCode).toBe(0);
    expect(installed()).toBe(fakeBun("1.4.5"));
    fixture.install("1.4.4");
    writeAcceptance(JSON.stringify({ unsigned: [`${fixture.registry.url}/`] }));
    expect((await upgrade()).exitCode).toBe(0);
    expect(installed()).toBe(fakeBun("1.4.5"));
  });

  test("is as the user's file says only where nobody else could have written it", async () => {
    const text = JSON.stringify({ unsigned: [fixture.registry.url] });
    writeAcceptance(text, 0o666);
    const shared = await upgrade();
    expect(shared.exitCode).toBe(1);
    expect(shared.stderr).toContain("others may write it");
    for (const odd of ["{", "[]", '{"unsined":[]}', '{"unsigned":"x"}', '{"registries":[1]}']) {
      writeAcceptance(odd);
      expect((await upgrade()).exitCode, odd).toBe(2);
    }
    expect(installed()).toBe(fakeBun("1.4.4"));
  });

  test("is believed where a key that the user trusts signed the record", async () => {
    const path = join(clone, "bunfig.lockb");
    const file = decodeFile(readFileBytes(path), () => undefined);
    expect(registryUrl(file)).toBe(fixture.registry.url);
    const seed = new Uint8Array(32).fill(7);
    const meta = { ...file.meta, project: "clone" };
    writeFileSync(path, encodeFile(await signedBySeed({ ...file, meta }, seed)));
    const env = {
      HOME: home,
      IMMUCONFIG_TRUSTED_KEYS: hexBytes(seedSigner(seed).publicKey),
    };
    const words = ["upgrade", "bun", "--to", fixture.target];
    const { exitCode, stderr } = await cli(words, { cwd: clone, env });
    expect(stderr).not.toContain("error:");
    expect(exitCode).toBe(0);
    expect(installed()).toBe(fakeBun("1.4.5"));
  });
});

/** A clone's own `bun`, which leaves a mark when it is run. */
function plant(folder: string): string {
  const mark = join(folder, "was-run");
  const script = `#!/bin/sh\n: > '${mark}'\necho 1.4.4\n`;
  mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
  mkdirSync(join(folder, "node_modules", "bun", "bin"), { recursive: true });
  const program = join(folder, "node_modules", "bun", "bin", "bun");
  writeFileSync(program, script, { mode: 0o755 });
  const manifest = { name: "bun", version: "1.4.3" };
  writeFileSync(join(folder, "node_modules", "bun", "package.json"), JSON.stringify(manifest));
  symlinkSync("../bun/bin/bun", join(folder, "node_modules", ".bin", "bun"));
  return mark;
}

describe("a program in node_modules", () => {
  test("is not run to learn its version, which its package says", async () => {
    const mark = plant(clone);
    const keys = fixture.registry.writeKeys(fixture.root);
    const tarball = packRelease(member, fakeBun("1.4.5"));
    for (const name of ["bun", platformPackage]) {
      fixture.registry.publish(name, { version: "1.4.5", tarball });
    }
    for (const words of [["--check"], ["--dry-run"], []]) {
      const { stderr } = await run("upgrade", ...words, "--registry-keys", keys);
      expect(stderr).toContain("1.4.3 -> 1.4.5");
      expect(existsSync(mark), words.join(" ")).toBe(false);
    }
    await run("rollback");
    await run("doctor");
    expect(existsSync(mark)).toBe(false);
  });

  test.skipIf(!isRoot)("of another user, in a shared folder above, is refused", async () => {
    const shared = join(fixture.root, "shared");
    const work = join(shared, "victim", "work");
    mkdirSync(work, { recursive: true });
    const mark = plant(shared);
    for (const name of ["node_modules/.bin/bun", "node_modules/bun/bin/bun"]) {
      chownSync(join(shared, name), NOBODY, NOBODY);
    }
    const check = await cli(["upgrade", "--check"], { cwd: work, env: { HOME: home } });
    expect(check.exitCode).toBe(5);
    expect(check.stderr).toContain("belongs to another user (65534)");
    expect(existsSync(mark)).toBe(false);
  });

  test("is not a link to whatever the clone wants to be replaced", async () => {
    mkdirSync(join(clone, "node_modules", ".bin"), { recursive: true });
    const victim = join(home, ".profile");
    writeFileSync(victim, "export A=1\n");
    symlinkSync(victim, join(clone, "node_modules", ".bin", "bun"));
    const { exitCode, stderr } = await run("upgrade", "--unsigned", fixture.registry.url);
    expect(exitCode).toBe(5);
    expect(stderr).toContain("which is no package of the project");
    expect(readFileSync(victim, "utf8")).toBe("export A=1\n");
  });

  test("does not stand in for the system's package manager", async () => {
    const mark = join(clone, "dpkg-was-run");
    const bin = join(clone, "node_modules", ".bin");
    mkdirSync(bin, { recursive: true });
    for (const tool of ["dpkg-query", "rpm", "pacman", "apk", "npm"]) {
      writeFileSync(join(bin, tool), `#!/bin/sh\n: > '${mark}'\nexit 1\n`, { mode: 0o755 });
    }
    const env = { HOME: home, PATH: `${bin}:${process.env["PATH"] ?? ""}` };
    const words = [
      "upgrade",
      "--check",
      "--to",
      fixture.target,
      "--unsigned",
      fixture.registry.url,
    ];
    const { exitCode } = await cli(words, { cwd: clone, env });
    expect(exitCode).toBe(0);
    expect(existsSync(mark)).toBe(false);
  });
});

describe("the way to a registry", () => {
  test("goes by no proxy that a project's .env names", async () => {
    const seen: string[] = [];
    const proxy = await listen(
      createServer((request, response) => {
        seen.push(`${request.method} ${request.url}`);
        response.end("{}");
      }),
    );
    proxy.server.on("connect", (request, socket) => {
      seen.push(`CONNECT ${request.url}`);
      socket.on("error", () => undefined);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    const url = `http://127.0.0.1:${proxy.port}`;
    const script = `import { secureFetch } from ${JSON.stringify(join(CLI, "../../base/secure_fetch.ts"))};
await secureFetch("https://registry.example.test/x", {}).catch(() => undefined);`;
    writeFileSync(join(clone, "ask.ts"), script);
    const ask = (env: Readonly<Record<string, string>> = {}): Promise<RunResult> =>
      runProgram([BUN, "ask.ts"], { cwd: clone, env: { HOME: home, ...env } });
    // The user's own proxy is obeyed: so the proxy works, and would be asked.
    await ask({ HTTPS_PROXY: url });
    expect(seen).toEqual(["CONNECT registry.example.test:443"]);
    seen.length = 0;
    for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) {
      writeFileSync(join(clone, ".env"), `${name}=${url}\n`);
      await ask();
    }
    expect(seen).toEqual([]);
    proxy.server.close();
  });

  test("checks certificates, also where NODE_TLS_REJECT_UNAUTHORIZED says 0", async () => {
    const key = join(fixture.root, "key.pem");
    const certificate = join(fixture.root, "certificate.pem");
    const made = await runProgram([
      ..."openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split(" "),
      "-keyout",
      key,
      "-out",
      certificate,
    ]);
    expect(made.exitCode).toBe(0);
    let asked = 0;
    const options = { key: readFileSync(key), cert: readFileSync(certificate) };
    const tls = await listen(
      createTlsServer(options, (_request, response) => {
        asked++;
        response.end("{}");
      }),
    );
    const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      const url = `https://localhost:${tls.port}/`;
      // Plain fetch obeys the variable: so the server works.
      expect((await fetch(url)).status).toBe(200);
      expect(asked).toBe(1);
      const checked = await secureFetch(url, {}).then(String, () => "refused");
      expect(checked).toBe("refused");
      expect(asked).toBe(1);
    } finally {
      if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
      tls.server.close();
    }
  });
});

async function listen<S extends Server>(server: S): Promise<{ server: S; port: number }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
