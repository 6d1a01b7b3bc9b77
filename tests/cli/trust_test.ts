import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  bootstrapFile,
  cli,
  command,
  PROCESS_TESTS_TIMEOUT_MS,
  writeFiles,
} from "../support/cli.ts";
import { hexBytes } from "../../src/format/bytes.ts";
import { decodeUnverified, encodeFile, type File } from "../../src/format/file.ts";
import { CLI } from "../support/repository.ts";
import { BUN } from "../support/run.ts";
import { seedSigner, signedBySeed } from "../support/signing.ts";
import { type SshAgent, startSshAgent } from "../support/ssh_agent.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

function seedsOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => new Uint8Array(32).fill(index + 1));
}

/** A user with a home, and a project of theirs. */
class User {
  readonly root = temporaryFolder();
  readonly cwd = join(this.root, "shop");
  readonly path = join(this.cwd, "bunfig.lockb");
  readonly env: Record<string, string> = { HOME: join(this.root, "home") };

  static async withProject(): Promise<User> {
    const user = new User();
    mkdirSync(user.env["HOME"] ?? "", { recursive: true });
    writeFiles(user.cwd, { "package.json": '{"name":"shop"}' });
    await bootstrapFile(user.cwd);
    return user;
  }

  async run(words: string, env: Record<string, string> = {}) {
    return cli(words.split(" "), { cwd: this.cwd, env: { ...this.env, ...env }, stdin: "pass\n" });
  }

  /** @throws when it fails */
  async done(words: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(words);
    if (exitCode !== 0) throw new Error(`${words}: ${exitCode} ${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** A key under the passphrase "pass", trusted here. */
  async trusting(name = "work"): Promise<string> {
    await this.done(`key new ${name} --store file --passphrase-fd 0`);
    await this.done(`trust add ${name} --yes`);
    return (await this.done(`key export ${name}`)).trim();
  }

  /** Trusts keys of others for the project here: those of the seeds. */
  trustKeys(seeds: readonly Uint8Array[]): void {
    const keys = seeds.map((seed) => {
      return { key: hexBytes(seedSigner(seed).publicKey), role: "record" };
    });
    const project = { id: "0".repeat(32), project: "shop", folders: [this.cwd], threshold: 1 };
    const trust = { version: 1, projects: [{ ...project, keys, revoked: [] }] };
    const folder = join(this.env["HOME"] ?? "", ".config", "immuconfig");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "trust.json"), JSON.stringify(trust), { mode: 0o600 });
  }

  async sign(more = ""): Promise<string> {
    return this.done(`sign --yes --passphrase-fd 0${more}`);
  }
}

describe("a project's life with a key", () => {
  test("made, trusted, signed, changed, rotated, revoked", async () => {
    const user = await User.withProject();
    const hex = await user.trusting();
    expect(hex).toMatch(/^[0-9a-f]{64}$/);
    expect((await user.run("verify")).stderr).toContain("the file is not signed");
    expect((await user.run("get features.DEBUG")).exitCode).toBe(4);

    const shown = await user.sign(" --expires 2099-12-31");
    expect(shown).toContain("You have signed no earlier version");
    expect(shown).toContain("project: added, shop");
    expect(JSON.parse(await user.done("verify --json"))).toMatchObject({
      valid: true,
      trust: { project: "shop", signers: [hex], expires: "2099-12-31", floorKept: true },
    });

    // Every change asks for the key, and nobody is there to open it.
    const before = readFileSync(user.path);
    const refused = await user.run("feature enable DEBUG");
    expect([refused.exitCode, refused.stderr]).toEqual([5, expect.stringContaining("passphrase")]);
    expect(readFileSync(user.path)).toEqual(before);

    await user.done("key rotate work next --store file --out rotation.json --passphrase-fd 0");
    expect((await user.run("trust rotate rotation.json")).exitCode).toBe(2);
    await user.done("trust rotate rotation.json --yes");
    const stale = await user.run("verify");
    expect([stale.exitCode, stale.stderr]).toEqual([4, expect.stringContaining("was revoked on")]);
    const again = await user.sign();
    expect(again).toContain("Since you signed generation 1:");
    expect(again).toContain("signed.keys: ");
    expect(again).not.toContain("DEBUG");
    await user.done("verify");

    const gone = await user.done("trust remove next");
    expect(gone).toContain("0 record keys are left and 1 must sign");
    const revoked = await user.run("verify");
    expect([revoked.exitCode, revoked.stderr]).toEqual([
      4,
      expect.stringContaining("A revoked key stays revoked: restore the file from git"),
    ]);
    expect(revoked.stderr).not.toContain("trust add");
    const back = await user.run("trust add next --yes");
    expect([back.exitCode, back.stderr]).toEqual([5, expect.stringContaining("was revoked on")]);
    expect((await user.run("trust remove --project")).exitCode).toBe(2);
    await user.done("trust remove --project --yes");
    expect((await user.run("verify")).stderr).toContain("no key is trusted here");
  });

  test("a rotation does not bring a revoked key back", async () => {
    const user = await User.withProject();
    await user.trusting();
    await user.done("key rotate work next --store file --out rotation.json --passphrase-fd 0");
    await user.done("trust add next --yes");
    await user.done("trust remove next");
    const before = await user.done("trust list");
    const refused = await user.run("trust rotate rotation.json --yes");
    expect([refused.exitCode, refused.stderr]).toEqual([
      5,
      expect.stringContaining("was revoked on"),
    ]);
    expect(await user.done("trust list")).toBe(before);
  });

  test("a rotation to a key that is trusted already names it once", async () => {
    const user = await User.withProject();
    await user.trusting();
    await user.done("key rotate work next --store file --out rotation.json --passphrase-fd 0");
    await user.done("trust add next --yes");
    await user.done("trust rotate rotation.json --yes");
    const hex = (await user.done("key export next")).trim();
    const listed = await user.done("trust list");
    expect(listed.split("\n").filter((line) => line.includes(hex))).toHaveLength(1);
  });

  test("what changes while a question stands open is not written over", async () => {
    const user = await User.withProject();
    await user.trusting();
    await user.done("key new other --store file --passphrase-fd 0");
    const asked = await command(["trust", "add", "other"], {
      cwd: user.cwd,
      env: user.env,
      answer: async () => {
        await user.done("trust remove work");
        return true;
      },
    });
    expect([asked.exitCode, asked.stderr]).toEqual([
      1,
      expect.stringContaining("changed meanwhile"),
    ]);
    expect(await user.done("trust list")).toContain("revoked");
    expect(await user.done("trust")).toBe(await user.done("trust list"));
  });

  test("no key is made whose statement has no place, and no statement is left without its key", async () => {
    const user = await User.withProject();
    await user.trusting();
    writeFileSync(join(user.cwd, "taken.json"), "mine");
    const rotate = (name: string, out: string) =>
      user.run(`key rotate work ${name} --store file --out ${out} --passphrase-fd 0`);
    const refused = await rotate("next", "taken.json");
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringContaining("a file is in the way"),
    ]);
    expect(await user.done("key list")).not.toContain("next");
    expect((await rotate("work", "left.json")).stderr).toContain("there is a key work already");
    expect(existsSync(join(user.cwd, "left.json"))).toBe(false);
  });

  test("another clone on another machine trusts what the file offers, after a look", async () => {
    const user = await User.withProject();
    const hex = await user.trusting();
    await user.sign();
    const other = new User();
    mkdirSync(other.cwd, { recursive: true });
    mkdirSync(other.env["HOME"] ?? "");
    copyFileSync(user.path, other.path);
    const unseen = await other.run("verify");
    expect([unseen.exitCode, unseen.stderr]).toEqual([4, expect.stringContaining("trust add")]);
    // Nobody is there to be asked.
    const asked = await other.run("trust add");
    expect(asked.exitCode).toBe(2);
    expect(asked.stderr).toContain(hex);
    expect(asked.stderr).toContain("Project shop in ");
    await other.done("trust add --yes");
    await other.done("verify");
    expect(await other.done("trust list")).toContain(hex);
  });

  test("what a file offers must be the key that signed it", async () => {
    const user = await User.withProject();
    await user.trusting();
    await user.sign();
    const bytes = readFileSync(user.path);
    const other = new User();
    mkdirSync(other.cwd, { recursive: true });
    const at = bytes.length - 1;
    writeFileSync(other.path, bytes.with(40, (bytes[40] ?? 0) ^ 1));
    expect(at).toBeGreaterThan(104);
    const refused = await other.run("trust add --yes");
    expect([refused.exitCode, refused.stderr]).toEqual([
      5,
      expect.stringContaining("does not hold that key"),
    ]);
  });

  test("an older file is refused until the user goes back to it", async () => {
    const user = await User.withProject();
    await user.trusting();
    await user.sign();
    const old = readFileSync(user.path);
    await user.done("trust remove --project --yes");
    const unsigned = await user.run("feature enable DEBUG");
    expect(unsigned.exitCode).toBe(4);
    await user.done("trust add work --yes");
    await user.done("verify");
    writeFileSync(user.path, old);
    await user.done("verify");
  });
});

describe("two keys must sign", () => {
  test("one is not enough, and the second signs the very same", async () => {
    const user = await User.withProject();
    await user.trusting("ann");
    await user.done("key new ben --store file --passphrase-fd 0");
    await user.done("trust add ben --threshold 2 --yes");
    expect(await user.sign(" --key ann")).toContain("1 of 2 have signed");
    const half = await user.run("verify");
    expect([half.exitCode, half.stderr]).toEqual([4, expect.stringContaining("1 of 2 trusted")]);
    await user.sign(" --key ben");
    const { trust } = JSON.parse(await user.done("verify --json")) as {
      trust: { signers: string[] };
    };
    expect(trust.signers).toHaveLength(2);
  });

  test("where more are trusted than a file can name, too, and none takes another's signature away", async () => {
    const user = await User.withProject();
    user.trustKeys(seedsOf(15));
    for (const name of ["ann", "ben", "eve"]) await user.trusting(name);
    await user.done("trust add ann --threshold 3 --yes");
    expect(await user.sign(" --key ben")).toContain("1 of 3 have signed");
    expect(await user.sign(" --key eve")).toContain("2 of 3 have signed");
    await user.sign(" --key ann");
    const { trust } = JSON.parse(await user.done("verify --json")) as {
      trust: { signers: string[] };
    };
    expect(trust.signers).toHaveLength(3);
  });

  test("who comes when a file is full of signatures is told so, and takes none away", async () => {
    const user = await User.withProject();
    user.trustKeys(seedsOf(16));
    await user.trusting("eve");
    await user.done("trust add eve --threshold 2 --yes");
    await user.sign();
    // Without the own one.
    let file: File = { ...decodeUnverified(readFileSync(user.path)), cosignatures: [] };
    for (const seed of seedsOf(16)) {
      file = await signedBySeed(file, seed, file.cosignatures ?? []);
    }
    const bytes = encodeFile(file);
    writeFileSync(user.path, bytes);
    await user.done("verify");
    const refused = await user.run("sign --yes --passphrase-fd 0");
    expect([refused.exitCode, refused.stderr]).toEqual([
      5,
      expect.stringContaining("16 keys have signed the file, and no more fit in"),
    ]);
    expect(readFileSync(user.path)).toEqual(Buffer.from(bytes));
  });

  test("more than have room in a file cannot be asked for", async () => {
    const user = await User.withProject();
    await user.trusting();
    const refused = await user.run("trust add work --threshold 17 --yes");
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringContaining("17 keys cannot sign one file"),
    ]);
  });
});

describe("what a trust file holds", () => {
  test("a key that has no room is refused by that name, and leaves what was trusted", async () => {
    const user = await User.withProject();
    user.trustKeys(seedsOf(64));
    const before = await user.done("trust list");
    await user.done("key new work --store file --passphrase-fd 0");
    const refused = await user.run("trust add work --yes");
    expect([refused.exitCode, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/"shop" has 64 trusted keys, and no room for more\n.*trust remove KEY/),
    ]);
    expect(await user.done("trust list")).toBe(before);
    const [key = ""] = /(?<=public )[0-9a-f]{64}/.exec(before) ?? [];
    await user.done(`trust remove ${key}`);
    await user.done("trust add work --yes");
  });

  test("who removes an online key says nothing of the record", async () => {
    const user = await User.withProject();
    await user.done("key new server --store file --passphrase-fd 0");
    await user.done("trust add server --role online --yes");
    await user.done("verify");
    await user.done("trust remove server");
    await user.done("verify");
    expect(JSON.parse(await user.done("trust list --json")).sources[0].projects[0]).toMatchObject({
      keys: [],
      revoked: [{ role: "online" }],
    });
    const back = await user.run("trust add server --role online --yes");
    expect([back.exitCode, back.stderr]).toEqual([5, expect.stringContaining("was revoked on")]);
  });

  test("who makes the last key of a record an online one is told what that comes to", async () => {
    const user = await User.withProject();
    await user.trusting();
    expect((await user.run("verify")).exitCode).toBe(4);
    const said = "unsigned records of shop are believed again";
    expect(await user.done("trust add work --role online --yes")).toContain(said);
    await user.done("verify");
    await user.done("trust add work --yes");
    await user.done("key new other --store file --passphrase-fd 0");
    expect(await user.done("trust add other --role online --yes")).not.toContain(said);
  });
});

describe("ssh-agent", () => {
  let agent: SshAgent;
  beforeAll(async () => {
    agent = await startSshAgent(temporaryFolder());
    await agent.addKey("ed25519", "me@example.test");
  });
  afterAll(() => agent.stop());

  test("signs, and every change after that, without a question", async () => {
    const user = await User.withProject();
    Object.assign(user.env, { SSH_AUTH_SOCK: agent.env["SSH_AUTH_SOCK"] });
    expect(await user.done("key list")).toContain("ssh-agent");
    await user.done("trust add me@example.test --yes");
    await user.done("sign --yes");
    const changed = await user.done("feature enable DEBUG");
    expect(changed).toContain("signed by me@example.test");
    expect(JSON.parse(await user.done("verify --json"))).toMatchObject({ generation: 2 });
    expect((await user.done("get features.DEBUG")).trim()).toBe("true");
    // The older one is a replay now.
    const newest = readFileSync(user.path);
    await user.done("feature disable DEBUG");
    await user.done("verify");
    writeFileSync(user.path, newest);
    const replay = await user.run("get features.DEBUG");
    expect([replay.exitCode, replay.stderr]).toEqual([4, expect.stringContaining("3 was seen")]);
    expect((await user.run("trust lower")).exitCode).toBe(2);
    await user.done("trust lower --yes");
    expect((await user.done("get features.DEBUG")).trim()).toBe("true");
  });
});

async function onTerminal(user: User, words: string, answers: readonly [RegExp, string][]) {
  let screen = "";
  let unanswered = "";
  let next = 0;
  const child = Bun.spawn([BUN, CLI, ...words.split(" ")], {
    cwd: user.cwd,
    env: { PATH: process.env["PATH"], ...user.env },
    timeout: 20_000,
    terminal: {
      cols: 200,
      rows: 40,
      data(terminal, bytes) {
        const text = new TextDecoder().decode(bytes);
        screen += text;
        unanswered += text;
        const [question, answer] = answers[next] ?? [];
        if (question?.test(unanswered) !== true || answer === undefined) return;
        unanswered = "";
        next++;
        terminal.write(answer);
      },
    },
  });
  const exitCode = await child.exited;
  return { screen, exitCode };
}

describe("on a terminal", () => {
  test("the passphrase is asked for and not shown, and each step is agreed to", async () => {
    const user = await User.withProject();
    const made = await onTerminal(user, "key new work --store file", [
      [/Passphrase of the new key work: /, "secret word\r"],
      [/The same again: /, "secret wore\u007fd\r"],
    ]);
    expect(made).toMatchObject({ exitCode: 0 });
    expect(made.screen).not.toContain("secret");
    const no = await onTerminal(user, "trust add work", [[/Trust it\? \[y\/N\] /, "n\r"]]);
    expect(no.exitCode).toBe(1);
    const yes = await onTerminal(user, "trust add work", [[/Trust it\? \[y\/N\] /, "y\r"]]);
    expect(yes.exitCode).toBe(0);
    const wrong = await onTerminal(user, "sign", [
      [/Sign it with work \([0-9a-f]{16}\)\? \[y\/N\] /, "y\r"],
      [/Passphrase of the key work: /, "other\r"],
    ]);
    expect(wrong).toMatchObject({ exitCode: 5, screen: expect.stringContaining("does not open") });
    const signed = await onTerminal(user, "sign", [
      [/\[y\/N\] /, "y\r"],
      [/Passphrase of the key work: /, "secret word\r"],
    ]);
    expect(signed).toMatchObject({ exitCode: 0 });
    const changed = await onTerminal(user, "feature enable DEBUG", [
      [/Passphrase of the key work: /, "secret word\r"],
    ]);
    expect(changed).toMatchObject({ exitCode: 0 });
    const gaveUp = await onTerminal(user, "feature disable DEBUG", [
      [/Passphrase of the key work: /, "\u0003"],
    ]);
    expect(gaveUp.exitCode).toBe(5);
    expect((await user.done("get features.DEBUG")).trim()).toBe("true");
  });
});
