/** The configuration of docs/fleet.md, run: a hub of three, a leaf, a control plane, a host. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nkeys } from "@nats-io/transport-node";
import { useHosts } from "../agent/host.ts";
import { SHOP } from "../api/support.ts";
import { makeAuthority, signCertificate } from "../support/certificates.ts";
import { Broker, hasNats } from "../support/nats.ts";
import { REPOSITORY } from "../support/repository.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { settingsFor, ShopPlane } from "./fleet.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const { makeHost } = useHosts();
const PAGE = readFileSync(join(REPOSITORY, "docs", "fleet.md"), "utf8");

function documented(name: string): string {
  const block = new RegExp(`\`\`\`text\\n# ${name}\\n([^]*?)\`\`\``).exec(PAGE)?.[1];
  if (block === undefined) throw new Error(`docs/fleet.md has no ${name}`);
  return block;
}

/** The key of a user, whose seed is written into a file. */
function makeUser(path: string): string {
  const user = nkeys.createUser();
  writeFileSync(path, new TextDecoder().decode(user.getSeed()), { mode: 0o600 });
  return user.getPublicKey();
}

test.skipIf(!hasNats())(
  "docs/fleet.md's hub and leaf bring a switch from a server to a host",
  async () => {
    const folder = temporaryFolder();
    const etc = join(folder, "etc");
    mkdirSync(etc);
    const authority = await makeAuthority(etc);
    await signCertificate(authority, etc, ["IP:127.0.0.1"]);
    const keys = {
      PLANE_KEY: makeUser(join(etc, "plane.nk")),
      HOST_KEY: makeUser(join(etc, "host.nk")),
    };
    await using one = new Broker({ scheme: "tls" });
    await using two = new Broker({ scheme: "tls" });
    await using three = new Broker({ scheme: "tls" });
    await using leaf = new Broker({ scheme: "tls" });
    const hub = [one, two, three];
    const placed = (text: string, broker: Broker): string =>
      Object.entries(keys)
        .reduce((config, [name, key]) => config.replaceAll(name, key), text)
        .replaceAll("/etc/nats/", `${etc}/`)
        .replaceAll("/var/lib/nats", join(broker.folder, "kept"))
        .replace("0.0.0.0:4222", `127.0.0.1:${broker.port}`)
        .replace("0.0.0.0:6222", `127.0.0.1:${broker.clusterPort}`)
        .replace("0.0.0.0:7422", `127.0.0.1:${broker.leafPort}`);
    const config = documented("hub.conf");
    await Promise.all(
      hub.map((broker, index) => {
        const routes = hub.reduce(
          (text, { clusterPort }, at) =>
            text.replace(`hub-${at + 1}.example.test:6222`, `127.0.0.1:${clusterPort}`),
          placed(config, broker),
        );
        const named = routes.replace("server_name: hub-1", `server_name: hub-${index + 1}`);
        return broker.runWhole(named, { LEAF_PASSWORD: "secret" });
      }),
    );
    const links = Object.fromEntries(
      hub.map(({ leafPort }, at) => [
        `LEAF_URL_${at + 1}`,
        `tls://leaf:secret@127.0.0.1:${leafPort}`,
      ]),
    );
    await leaf.runWhole(placed(documented("leaf.conf"), leaf), links);

    const ca = authority.certificate;
    const plane = settingsFor(
      hub.map(({ url }) => url),
      { ca, credentials: join(etc, "plane.nk") },
    );
    await using shop = await ShopPlane.start(plane);
    await using host = await makeHost();
    const agent = await host.startWith(
      ["--nats", leaf.url, "--nats-domain", "hub", "--nats-ca", ca, "--online-key", shop.key],
      { IMMUCONFIG_NATS_CREDS: join(etc, "host.nk"), IMMUCONFIG_HOST: "a.host" },
    );
    await agent.next("applied");
    await shop.flip();
    await until(() => host.live.features["CHECKOUT"] === false);
    let hosts: { host: string; sequence: number }[] = [];
    while (hosts[0]?.sequence !== shop.sequence) {
      await Bun.sleep(5);
      ({ hosts } = (await shop.plane.call("GET", `${SHOP}/hosts`)).body);
    }
    expect(hosts[0]?.host).toBe("a.host");
    await shop.published();

    // Who starts later gets what is kept, over the link.
    await using later = await makeHost();
    const second = await later.startWith(
      ["--nats", leaf.url, "--nats-domain", "hub", "--nats-ca", ca, "--online-key", shop.key],
      { IMMUCONFIG_NATS_CREDS: join(etc, "host.nk") },
    );
    expect(await second.next("applied")).toMatchObject({ sequence: shop.sequence });
  },
);
