/** What docs/serve.md says of systemd and of a proxy, as it stands there. */

import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { freePort } from "../support/free_port.ts";
import { buildPackage } from "../support/project.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { findTool, isRoot } from "../support/tools.ts";
import { until } from "../support/until.ts";
import { Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const root = join(import.meta.dir, "..", "..");
const page = readFileSync(join(root, "docs", "serve.md"), "utf8");
const MIB = 2 ** 20;

/** The one block of a language. */
function block(language: string): string {
  const [found = "", ...more] = page.split(`\`\`\`${language}\n`).slice(1);
  expect(more).toEqual([]);
  return found.split("\n```")[0] ?? "";
}

beforeAll(buildPackage);

test.skipIf(process.platform === "win32")(
  "the unit starts a server, without a home and with systemd's own PATH, and ends it well",
  async () => {
    const folder = temporaryFolder();
    const bin = join(folder, "node_modules", ".bin", "immuconfig");
    mkdirSync(dirname(bin), { recursive: true });
    symlinkSync(root, join(folder, "node_modules", "immuconfig"));
    symlinkSync(join(root, "dist", "cli", "config.js"), bin);
    chmodSync(bin, 0o755);
    const programs = join(folder, "programs");
    mkdirSync(programs);
    symlinkSync(BUN, join(programs, "bun"));
    const path = join(folder, "immuconfig.service");
    const unit = block("ini").replaceAll("/opt/flags", folder);
    writeFileSync(path, unit);
    const analyze = findTool("systemd-analyze");
    if (analyze !== undefined) {
      const { exitCode, stderr } = await run([analyze, "verify", path]);
      // It looks at the units of this machine, too, and speaks of those.
      expect([exitCode, stderr.split("\n").filter((line) => line.includes(path))]).toEqual([0, []]);
    }
    const words = /^ExecStart=(.+)$/m.exec(unit)?.[1]?.split(" ") ?? [];
    const data = join(folder, "data");
    const started = words.map((word) => (word === "/var/lib/immuconfig" ? data : word));
    const child = Bun.spawn([...started, "--port", "0"], {
      cwd: /^WorkingDirectory=(.+)$/m.exec(unit)?.[1] ?? "/",
      env: { PATH: `${programs}:/usr/bin:/bin` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += chunk;
      if (/imm_\S+\n(?:.+\n)+/.test(said)) break;
    }
    child.kill("SIGTERM");
    expect([await child.exited, said]).toEqual([0, expect.stringMatching(/at http:\S+\n/)]);
    expect(await new Response(child.stdout).text()).toContain('"msg":"stopped"');
  },
);

// Where root's programs lie is not on the path of everyone.
const nginx = findTool("nginx") ?? ["/usr/sbin/nginx"].find((path) => existsSync(path));
const openssl = findTool("openssl");
test.skipIf(nginx === undefined || openssl === undefined)(
  "behind nginx as it is set up there, a large record, a change and its event come through",
  async () => {
    await using plane = await Plane.start({ data: temporaryFolder() });
    const folder = temporaryFolder();
    const made = await run(
      `${openssl ?? ""} req -x509 -newkey rsa:2048 -nodes -keyout key -out pem -days 2 -subj /CN=localhost`.split(
        " ",
      ),
      { cwd: folder },
    );
    expect(made.exitCode).toBe(0);
    const port = freePort();
    const site = block("nginx")
      .replace("listen 443", `listen 127.0.0.1:${port}`)
      .replace("/etc/ssl/flags.pem", join(folder, "pem"))
      .replace("/etc/ssl/flags.key", join(folder, "key"))
      .replace("127.0.0.1:8737", plane.server.url.host);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const paths = temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ");
    writeFileSync(
      join(folder, "conf"),
      `${isRoot ? "user root;" : ""} daemon off; pid ${folder}/pid; error_log ${folder}/log; events {}
       http { access_log off; ${paths} ${site} }`,
    );
    const child = Bun.spawn([nginx ?? "", "-p", folder, "-e", "log", "-c", "conf"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    try {
      const at = `https://localhost:${port}`;
      interface Sent {
        readonly method?: string;
        readonly body?: string | Uint8Array<ArrayBuffer>;
        readonly headers?: Readonly<Record<string, string>>;
      }
      const call = (path: string, { headers = {}, ...sent }: Sent = {}): Promise<Response> =>
        fetch(at + path, {
          ...sent,
          tls: { rejectUnauthorized: false },
          headers: { authorization: `Bearer ${plane.token}`, ...headers },
        });
      await until(() =>
        call("/v1/health").then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      await call("/v1/projects", { method: "POST", body: '{"project":"shop"}' });
      const environment = '{"environment":"live"}';
      await call("/v1/projects/shop/environments", { method: "POST", body: environment });
      const tag = async (): Promise<string> => (await call(SHOP)).headers.get("etag") ?? "";
      const payload = new Uint8Array(3 * MIB);
      const body = new Uint8Array(
        encodeFile({ ...PLAIN_FILE, extensions: [{ tag: "Test", payload, offset: 0 }] }),
      );
      const pushed = await call(`${SHOP}/record`, {
        method: "PUT",
        body,
        headers: { "if-match": await tag() },
      });
      expect(pushed.status).toBe(200);
      const reader = (await call(`${SHOP}/events`)).body?.getReader();
      const first = new TextDecoder().decode((await reader?.read())?.value);
      const wish = {
        method: "PUT",
        body: '{"enabled":true,"reason":"r"}',
        headers: { "if-match": await tag() },
      };
      expect((await call(`${SHOP}/overrides/DEBUG`, wish)).status).toBe(200);
      const next = new TextDecoder().decode((await reader?.read())?.value);
      expect(/^id: (\d+)$/m.exec(next)?.[1]).toBe(
        String(Number(/^id: (\d+)$/m.exec(first)?.[1]) + 1),
      );
      await reader?.cancel();
    } finally {
      child.kill("SIGTERM");
      await child.exited;
    }
  },
);
