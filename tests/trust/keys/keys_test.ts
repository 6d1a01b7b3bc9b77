import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createPrivateKey, createPublicKey, verify } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hexBytes, parseHex } from "../../../src/format/bytes.ts";
import { openKey, openSigner, storedKeys, storeKey } from "../../../src/trust/keys/key_store.ts";
import {
  decryptPrivateKey,
  encryptPrivateKey,
  newPrivateKey,
  publicKeyOf,
} from "../../../src/trust/keys/private_key.ts";
import { readPublicKey } from "../../../src/trust/keys/public_key.ts";
import { agentKeys, agentSigner } from "../../../src/trust/keys/ssh_agent.ts";
import { errorOf, rejectionOf } from "../../support/errors.ts";
import { run } from "../../support/run.ts";
import { startSshAgent, type SshAgent } from "../../support/ssh_agent.ts";
import { useTemporaryFolders } from "../../support/temp.ts";
import { findTool } from "../../support/tools.ts";
import known from "../../vectors/ed25519.json" with { type: "json" };

const temporaryFolder = useTemporaryFolders();
const message = Buffer.from("immuconfig/v1\0 a message");

function holds(signature: Uint8Array, publicKey: Uint8Array): boolean {
  const key = createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
    format: "jwk",
  });
  return verify(null, message, key, signature);
}

const asked: string[] = [];
function passphrase(text: string): (what: string) => Promise<string> {
  return (what) => {
    asked.push(what);
    return Promise.resolve(text);
  };
}

describe("a private key under a passphrase", () => {
  test("opens with it and with no other", () => {
    const key = newPrivateKey();
    const pem = encryptPrivateKey(key, "correct horse");
    expect(publicKeyOf(decryptPrivateKey(pem, "correct horse", "it"))).toEqual(publicKeyOf(key));
    for (const wrong of ["correct hors", "", undefined]) {
      expect(errorOf(() => decryptPrivateKey(pem, wrong, "it"))).toMatchObject({ code: "ERR_KEY" });
    }
  });

  test.skipIf(findTool("openssl") === undefined)("is one to OpenSSL, both ways", async () => {
    const folder = temporaryFolder();
    const key = newPrivateKey();
    writeFileSync(join(folder, "key.pem"), encryptPrivateKey(key, "pass word"));
    const options = { cwd: folder };
    const words = ["openssl", "pkey", "-in", "key.pem", "-passin", "pass:pass word"];
    const { stdout, exitCode } = await run(words, options);
    expect(exitCode).toBe(0);
    expect(publicKeyOf(createPrivateKey(stdout))).toEqual(publicKeyOf(key));
    const parsed = await run(["openssl", "asn1parse", "-in", "key.pem"], options);
    expect(parsed.stdout).toContain(":PBKDF2");
    expect(parsed.stdout).toContain(":hmacWithSHA256");
    // 600,000 rounds.
    expect(parsed.stdout).toContain(":0927C0");
    await run(
      ["openssl", "genpkey", "-algorithm", "ed25519", "-aes-256-cbc"].concat([
        "-pass",
        "pass:theirs",
        "-out",
        "theirs.pem",
      ]),
      options,
    );
    const theirs = readFileSync(join(folder, "theirs.pem"), "utf8");
    expect(decryptPrivateKey(theirs, "theirs", "it").asymmetricKeyType).toBe("ed25519");
    await run(["openssl", "genpkey", "-algorithm", "ed448", "-out", "other.pem"], options);
    await run(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-out", "ec.pem"], options);
    for (const name of ["other.pem", "ec.pem", "absent"]) {
      const text = name === "absent" ? "nonsense" : readFileSync(join(folder, name), "utf8");
      expect(errorOf(() => decryptPrivateKey(text, undefined, "it"))).toMatchObject({
        code: "ERR_KEY",
      });
    }
  });
});

describe("the store of keys", () => {
  test("keeps, opens, lists and forgets a key, and shows it to nobody else", async () => {
    const home = temporaryFolder();
    const env = { HOME: home };
    const key = newPrivateKey();
    const about = { name: "work", place: "file", created: "2026-11-01" } as const;
    const stored = await storeKey(key, about, env, passphrase("one"));
    expect(asked).toEqual(["the new key work"]);
    expect(storedKeys(env)).toEqual([{ ...about, publicKey: publicKeyOf(key) }]);
    const folder = join(home, ".config", "immuconfig", "keys");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
      const text = readFileSync(join(folder, name), "latin1");
      expect(text).not.toContain(key.export({ format: "jwk" }).d ?? "?");
      expect(text).not.toContain("BEGIN PRIVATE");
    }
    const signer = await openSigner(stored, env, passphrase("one"));
    expect(holds(await signer.sign(message), stored.publicKey)).toBe(true);
    const wrong = await rejectionOf(openKey(stored, env, passphrase("two")));
    expect(wrong).toMatchObject({ code: "ERR_KEY" });
    const again = await rejectionOf(storeKey(newPrivateKey(), about, env, passphrase("one")));
    expect(again).toMatchObject({ code: "ERR_EXISTS" });
    expect(publicKeyOf(await openKey(stored, env, passphrase("one")))).toEqual(publicKeyOf(key));
  });

  test("says of a key that was half made what is there, and what to do", async () => {
    const env = { XDG_CONFIG_HOME: temporaryFolder() };
    const pem = join(env.XDG_CONFIG_HOME, "immuconfig", "keys", "half.pem");
    const about = { name: "half", place: "file", created: "2026-11-01" } as const;
    await storeKey(newPrivateKey(), about, env, passphrase("x"));
    rmSync(pem.replace(/pem$/, "json"));
    const kept = readFileSync(pem, "utf8");
    asked.length = 0;
    const again = await rejectionOf(storeKey(newPrivateKey(), about, env, passphrase("x")));
    expect(again).toMatchObject({
      code: "ERR_EXISTS",
      message: `${pem} is there already, without the file that says which key it is`,
      hint: expect.stringContaining(`bun-config key import NAME ${pem}`),
    });
    expect([asked, readFileSync(pem, "utf8")]).toEqual([[], kept]);
  });

  test("refuses a key file that was put in another's place, or is open to others", async () => {
    const env = { XDG_CONFIG_HOME: temporaryFolder() };
    const folder = join(env.XDG_CONFIG_HOME, "immuconfig", "keys");
    const about = { place: "file", created: "2026-11-01" } as const;
    const one = await storeKey(newPrivateKey(), { ...about, name: "one" }, env, passphrase("x"));
    await storeKey(newPrivateKey(), { ...about, name: "two" }, env, passphrase("x"));
    chmodSync(join(folder, "one.pem"), 0o644);
    expect(String(await rejectionOf(openKey(one, env, passphrase("x"))))).toContain(
      "others may read it",
    );
    renameSync(join(folder, "two.pem"), join(folder, "one.pem"));
    expect(String(await rejectionOf(openKey(one, env, passphrase("x"))))).toContain(
      "another than its file says",
    );
    chmodSync(join(folder, "one.json"), 0o666);
    expect(String(errorOf(() => storedKeys(env)))).toContain("others may write it");
  });

  test.each(["", "../x", "a/b", ".hidden", "a b", "x".repeat(65)])(
    "takes no name %p",
    async (name) => {
      const env = { HOME: temporaryFolder() };
      const about = { name, place: "file", created: "2026-11-01" } as const;
      const error = await rejectionOf(storeKey(newPrivateKey(), about, env, passphrase("x")));
      expect(error).toMatchObject({ code: "ERR_VALUE" });
    },
  );

  test("says which folder the system refuses", async () => {
    const about = { name: "a", place: "file", created: "2026-11-01" } as const;
    const error = await rejectionOf(
      storeKey(newPrivateKey(), about, { HOME: "/dev/null" }, passphrase("x")),
    );
    expect(error).toMatchObject({ code: "ERR_WRITE" });
    expect(String(error)).toContain("cannot create /dev/null/.config/immuconfig/keys");
    const env = { XDG_CONFIG_HOME: temporaryFolder() };
    mkdirSync(join(env.XDG_CONFIG_HOME, "immuconfig"));
    symlinkSync("keys", join(env.XDG_CONFIG_HOME, "immuconfig", "keys"));
    expect(errorOf(() => storedKeys(env))).toMatchObject({ code: "ERR_READ" });
  });

  test("is nowhere without a home, and never below a relative one", async () => {
    for (const env of [{}, { HOME: "home" }, { XDG_CONFIG_HOME: "config" }]) {
      expect(storedKeys(env)).toEqual([]);
      const about = { name: "a", place: "file", created: "2026-11-01" } as const;
      const error = await rejectionOf(storeKey(newPrivateKey(), about, env, passphrase("x")));
      expect(error).toMatchObject({ code: "ERR_NOT_FOUND" });
    }
  });
});

describe("a public key", () => {
  const [first] = known;
  if (first === undefined) throw new Error("a known key is needed");

  test("is read in hex and as OpenSSH writes it", () => {
    const bytes = parseHex(first.publicKey) ?? new Uint8Array();
    const blob = Buffer.concat([
      Buffer.from("0000000b7373682d6564323535313900000020", "hex"),
      bytes,
    ]).toString("base64");
    for (const text of [
      first.publicKey,
      ` ${first.publicKey.toUpperCase()}\n`,
      `ssh-ed25519 ${blob} me@x`,
    ]) {
      expect(hexBytes(readPublicKey(text))).toBe(first.publicKey);
    }
  });

  test.each([
    ["02".padEnd(64, "0"), "no point of the curve"],
    ["f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "below the field's prime"],
    ["00".repeat(32), "small order"],
    ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== x", "64 hex digits"],
    ["ssh-rsa AAAA x", "64 hex digits"],
    ["ssh-ed25519 AAAA x", "SSH form is broken"],
  ])("%p is refused: %s", (text, words) => {
    expect(String(errorOf(() => readPublicKey(text)))).toContain(words);
  });
});

describe.skipIf(findTool("ssh-agent") === undefined)("ssh-agent", () => {
  let agent: SshAgent;
  beforeAll(async () => {
    agent = await startSshAgent(temporaryFolder());
  });
  afterAll(() => agent.stop());

  test("signs by its Ed25519 keys, which are named among others", async () => {
    await agent.addKey("ed25519", "me@example.test");
    await agent.addKey("ecdsa", "other@example.test");
    const [key, ...more] = await agentKeys(agent.env);
    expect(more).toEqual([]);
    expect(key?.comment).toBe("me@example.test");
    const publicKey = key?.publicKey ?? new Uint8Array();
    const signature = await agentSigner(publicKey, agent.env).sign(message);
    expect(holds(signature, publicKey)).toBe(true);
  });

  test("that has not the key, is locked or away is an error", async () => {
    const unknown = agentSigner(publicKeyOf(newPrivateKey()), agent.env);
    expect(await rejectionOf(unknown.sign(message))).toMatchObject({ code: "ERR_KEY" });
    const gone = { SSH_AUTH_SOCK: join(temporaryFolder(), "none") };
    expect(await rejectionOf(agentKeys(gone))).toMatchObject({ code: "ERR_KEY" });
    expect(await agentKeys({})).toEqual([]);
  });

  test("that answers nonsense is an error", async () => {
    const answers = ["ffffffff", "00000001ff", "000000050c00ffffff", "000000060c0000000100"];
    for (const hex of answers) {
      const path = join(temporaryFolder(), "agent");
      const server = Bun.listen({
        unix: path,
        socket: {
          data: (socket) => {
            socket.write(Buffer.from(hex, "hex"));
            socket.end();
          },
        },
      });
      expect(await rejectionOf(agentKeys({ SSH_AUTH_SOCK: path }))).toMatchObject({
        code: "ERR_KEY",
      });
      server.stop(true);
    }
  });
});
