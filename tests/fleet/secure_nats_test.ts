/** Agents and a control plane on a broker with TLS, with credentials that let each do little. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect, credsAuthenticator, nkeys } from "@nats-io/transport-node";
import { hexBytes } from "../../src/format/bytes.ts";
import { newPrivateKey, publicKeyOf } from "../../src/trust/keys/private_key.ts";
import { useHosts } from "../agent/host.ts";
import { serveCommand } from "../api/serve_command.ts";
import { SHOP } from "../api/support.ts";
import { type Certificate, makeAuthority, signCertificate } from "../support/certificates.ts";
import { freePort } from "../support/free_port.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { settingsFor, ShopPlane } from "./fleet.ts";
import { Accounts, HOST, PLANE } from "./nats_accounts.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const { makeHost } = useHosts();

/** Of nobody. */
const KEY = hexBytes(publicKeyOf(newPrivateKey()));

function tlsConfig({ certificate, key }: Certificate): string {
  return `tls { cert_file: "${certificate}", key_file: "${key}" }\n`;
}

describe.skipIf(!hasNats())("with TLS", () => {
  test("and credentials: a switch reaches a program, the server knows the host, and no host can publish", async () => {
    const folder = temporaryFolder();
    const authority = await makeAuthority(folder);
    const server = await signCertificate(authority, folder, ["IP:127.0.0.1"]);
    const accounts = new Accounts();
    const config = `${tlsConfig(server)}${accounts.config}`;
    await using broker = await Broker.start({ scheme: "tls", config });
    const ca = authority.certificate;
    const plane = accounts.write(join(folder, "plane.creds"), PLANE);
    const credentials = accounts.write(join(folder, "host.creds"), HOST);
    // As an editor of Windows leaves it.
    const edited = join(folder, "edited.creds");
    const lines = readFileSync(credentials, "utf8").replaceAll("\n", "\r\n");
    writeFileSync(edited, lines, { mode: 0o600 });
    await using shop = await ShopPlane.start(settingsFor([broker.url], { ca, credentials: plane }));
    await using host = await makeHost();
    const words = ["--nats", broker.url, "--nats-ca", ca, "--nats-creds", edited];
    const agent = await host.startWith([...words, "--online-key", shop.key]);
    await agent.next("applied");
    expect(host.live.features["CHECKOUT"]).toBe(true);
    await shop.flip();
    await until(() => host.live.features["CHECKOUT"] === false);
    let hosts: { sequence: number }[] = [];
    while (hosts[0]?.sequence !== shop.sequence) {
      await Bun.sleep(5);
      ({ hosts } = (await shop.plane.call("GET", `${SHOP}/hosts`)).body);
    }

    const authenticator = credsAuthenticator(await Bun.file(credentials).bytes());
    const tls = { caFile: ca };
    const connection = await connect({ servers: broker.url, authenticator, tls });
    const refused = connection.status()[Symbol.asyncIterator]().next();
    connection.publish("imm.v1.default.shop.live.overrides", "anything");
    expect(String((await refused).value.error)).toContain("Permissions Violation");
    await connection.close();
    agent.process.kill("SIGTERM");
    expect(await agent.process.exited).toBe(0);
  });

  const refusals: [string, (authority: Certificate) => readonly string[], readonly string[]][] = [
    ["a certificate that no authority of this system signed", () => [], ["IP:127.0.0.1"]],
    [
      "a certificate for another name",
      ({ certificate }) => ["--nats-ca", certificate],
      ["DNS:nats.example.test", "IP:127.0.0.2"],
    ],
  ];
  test.each(refusals)("%s is refused, whatever the environment says", async (_, words, names) => {
    const folder = temporaryFolder();
    const authority = await makeAuthority(folder);
    const server = await signCertificate(authority, folder, names);
    await using broker = await Broker.start({ scheme: "tls", config: tlsConfig(server) });
    await using host = await makeHost();
    const agent = await host.startWith(
      ["--nats", broker.url, ...words(authority), "--online-key", KEY],
      { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
    );
    expect(String((await agent.next("offline"))["message"])).toMatch(
      /certificate|altname|self.signed/i,
    );
    expect((await broker.monitor("/connz")).num_connections).toBe(0);
  });

  test("a server without TLS is refused where TLS was asked for", async () => {
    await using broker = await Broker.start();
    await using host = await makeHost();
    const url = broker.url.replace("nats:", "tls:");
    const agent = await host.startWith(["--nats", url, "--online-key", KEY]);
    expect(String((await agent.next("offline"))["message"])).toContain("tls");
  });
});

describe.skipIf(!hasNats())("credentials", () => {
  test("the seed of an NKey lets in; another does not, nor a file that others may read", async () => {
    const folder = temporaryFolder();
    const user = nkeys.createUser();
    const seed = join(folder, "host.nk");
    writeFileSync(seed, `${new TextDecoder().decode(user.getSeed())}\n`, { mode: 0o600 });
    const config = `authorization { users: [{ nkey: ${user.getPublicKey()} }] }\n`;
    await using broker = await Broker.start({ config });
    const settings = settingsFor([broker.url], { credentials: seed });
    await using shop = await ShopPlane.start(settings);
    await using host = await makeHost();
    const words = ["--nats", broker.url, "--nats-creds", seed, "--online-key", shop.key];
    await (await host.startWith(words)).next("applied");

    writeFileSync(seed, `${new TextDecoder().decode(user.getSeed())}\r\n`);
    await (await host.startWith(words)).next("applied");

    writeFileSync(seed, newSeed());
    const agent = await host.startWith(words);
    expect(String((await agent.next("offline"))["message"])).toContain("uthorization");
    chmodSync(seed, 0o644);
    const careless = await host.startWith(words);
    expect(String((await careless.next("offline"))["message"])).toContain("others may read it");
    writeFileSync(seed, "not a seed");
    chmodSync(seed, 0o600);
    const wrong = await host.startWith(words);
    expect(String((await wrong.next("offline"))["message"])).toContain("neither credentials");
  });

  const refused: [string, (seed: string) => readonly string[], string][] = [
    ["another NKey", () => withSeed(newSeed()), "Authorization Violation"],
    ["none", () => [], "Authorization Violation"],
    ["an NKey with a slip in it", (seed) => withSeed(slipped(seed)), "nkeys: "],
    ["a file that is not there", () => ["--nats-creds", "none.nk"], "there is no such file"],
  ];
  test.each(refused)(
    "a control plane does not start with %s, and leaves nothing",
    async (_, wordsOf, why) => {
      const user = nkeys.createUser();
      const config = `authorization { users: [{ nkey: ${user.getPublicKey()} }] }\n`;
      await using broker = await Broker.start({ config });
      const words = wordsOf(new TextDecoder().decode(user.getSeed()));
      const folder = temporaryFolder();
      const started = serveCommand(folder, ["--nats", broker.url, ...words]);
      const error = await started.catch((fault: unknown) => fault);
      expect(error).toBeInstanceOf(Error);
      expect(String(error)).toContain(why);
      expect(String(error)).toContain("--nats-creds");
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test("a control plane starts where nobody answers, and where somebody says nothing", async () => {
    using silent = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    for (const port of [freePort(), silent.port]) {
      const words = ["--nats", `nats://127.0.0.1:${port}`];
      const { process, url } = await serveCommand(temporaryFolder(), words);
      try {
        const health = await fetch(`${url}v1/health`);
        expect(await health.json()).toHaveProperty("nats.connected", false);
      } finally {
        process.kill("SIGKILL");
        await process.exited;
      }
    }
  });
});

function newSeed(): string {
  return new TextDecoder().decode(nkeys.createUser().getSeed());
}

/** Its checksum is wrong. */
function slipped(seed: string): string {
  const middle = seed.length / 2;
  return seed.slice(0, middle) + (seed[middle] === "A" ? "B" : "A") + seed.slice(middle + 1);
}

function withSeed(seed: string): readonly string[] {
  const path = join(temporaryFolder(), "plane.nk");
  writeFileSync(path, seed, { mode: 0o600 });
  return ["--nats-creds", path];
}
