/** The client of the control plane, at addresses where something else answers. */

import { afterEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { sha256 } from "../../src/base/digest.ts";
import { PlaneClient } from "../../src/agent/plane_client.ts";
import { PlaneServer } from "../../src/agent/plane_server.ts";
import { writeConfigFile, PLAIN_FILE } from "../support/config_files.ts";
import { errorOf } from "../support/errors.ts";
import { failure } from "../support/failure.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run, type RunResult } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();

const servers: Bun.Server<undefined>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

/** Gives one answer to whatever it is asked. */
function serverOf(answer: () => Response): string {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  servers.push(server);
  return server.url.href;
}

const PLACE = { token: "imm_x", project: "shop", environment: "live" };
const OF_CLIENT: { readonly [name: string]: (client: PlaneClient) => Promise<unknown> } = {
  environment: (client) => client.environment(),
  fleet: (client) => client.fleet(10),
  push: (client) => client.push(new Uint8Array(104), 1),
  ledger: (client) => client.pushLedger(new Uint8Array(1)),
  "a ledger's run": (client) => client.ledgerRun("a"),
  request: (client) => client.openRequest({ action: {}, at: null, reason: "why" }, 1),
};

const HOST = {
  host: "web-1",
  version: null,
  generation: 1,
  sequence: 1,
  refused: [],
  problem: null,
  seen: 0,
  silent: false,
};
const FLEET = {
  sequence: 1,
  changed: null,
  counts: { hosts: 1, current: 1, behind: 0, silent: 0, refusing: 0 },
  sequences: [],
  generations: [],
  versions: [],
  curve: [],
  hosts: [HOST],
};
const REQUEST = {
  request: 1,
  action: { kind: "switch", flag: "DEBUG", enabled: true, until: null },
  at: null,
  by: "ann",
  time: 0,
  reason: "why",
  own: false,
};
const ENVIRONMENT = { version: 1, record: null, flags: [], requests: [REQUEST] };

const NOBODYS: { readonly [what: string]: string } = {
  nothing: "",
  "a page": "<!doctype html><title>Sign in</title>",
  null: "null",
  "a list": "[]",
  "an empty object": "{}",
  "brackets without an end": "[".repeat(100_000),
  "an object that is too deep": `{"version":1,"record":null,"flags":${"[".repeat(9000)}${"]".repeat(9000)}}`,
  "members of other types": JSON.stringify({
    version: "1",
    record: 5,
    flags: {},
    requests: "x",
    rows: {},
    counts: null,
    sequence: {},
    hosts: 7,
    request: "1",
    digest: 1,
  }),
  "times that no date has": JSON.stringify({
    ...ENVIRONMENT,
    ...FLEET,
    requests: [{ ...REQUEST, time: 1e17 }],
    hosts: [{ ...HOST, seen: 9e15 }],
    request: -1,
    rows: 1,
    generation: 0.5,
    digest: "",
  }),
};

describe("what answers and is no control plane", () => {
  test.each(Object.entries(NOBODYS))("%s is told as that", async (_, text) => {
    const client = new PlaneClient({ ...PLACE, server: serverOf(() => new Response(text)) });
    for (const [name, ask] of Object.entries(OF_CLIENT)) {
      const { code, message } = await failure(ask(client));
      expect({ name, code, message }).toEqual({
        name,
        code: "ERR_NETWORK",
        message: `${client.name} answers what no control plane does`,
      });
    }
  });

  test("nor is it one of a whole server", async () => {
    for (const text of Object.values(NOBODYS)) {
      const server = new PlaneServer({ ...PLACE, server: serverOf(() => new Response(text)) });
      const { code, message } = await failure(server.auditRows(0));
      expect([code, message]).toEqual([
        "ERR_NETWORK",
        `${server.name} answers what no control plane does`,
      ]);
    }
  });

  test("a record that was sent is there only where the answer names its bytes", async () => {
    const bytes = new Uint8Array(104);
    const answer = { generation: 1, digest: sha256(bytes) };
    const client = new PlaneClient({ ...PLACE, server: serverOf(() => Response.json(answer)) });
    await client.push(bytes, 1);
    const { message } = await failure(client.push(new Uint8Array(105), 1));
    expect(message).toBe(`${client.name} has another record than was sent`);
  });

  test("an address with a password in it is refused, and not shown", () => {
    for (const server of ["https://ann:hunter2@flags.example.test", "ftp://hunter2@x"]) {
      const error = errorOf(() => new PlaneClient({ ...PLACE, server }));
      expect(error).toMatchObject({ code: "ERR_VALUE" });
      expect(Bun.inspect(error)).not.toContain("hunter2");
    }
  });
});

function cli(server: string, ...words: string[]): Promise<RunResult> {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, PLAIN_FILE);
  const { token, project, environment } = PLACE;
  const env = {
    IMMUCONFIG_SERVER: server,
    IMMUCONFIG_TOKEN: token,
    IMMUCONFIG_PROJECT: project,
    IMMUCONFIG_ENVIRONMENT: environment,
  };
  return run([BUN, CLI, ...words], { cwd, env });
}

describe("texts of a server", () => {
  const FORGED = "it fails\nweb-2  set 9\u001b[2J\u202e";

  test("break no line, of a host that has trouble", async () => {
    const hosts = [{ ...HOST, host: `web-1`, problem: FORGED }];
    const { stdout } = await cli(
      serverOf(() => Response.json({ ...FLEET, hosts })),
      "fleet",
      "status",
    );
    expect(stdout.trimEnd().split("\n")).toHaveLength(2);
    expect(stdout).toContain("web-1  set 1, generation 1; it fails?web-2  set 9?[2J?\n");
  });

  test("break no line, of who asks for a change", async () => {
    const requests = [{ ...REQUEST, by: FORGED, reason: FORGED }];
    const server = serverOf(() => Response.json({ ...ENVIRONMENT, requests }));
    const { stdout } = await cli(server, "request");
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  });

  test("break no line, of why something is refused", async () => {
    const server = serverOf(() => Response.json({ detail: FORGED }, { status: 400 }));
    const { stderr, exitCode } = await cli(server, "override");
    expect(stderr).toStartWith("error: shop/live at 127.0.0.1");
    expect(stderr).toContain("it fails?web-2  set 9?[2J?\n");
    expect(exitCode).toBe(1);
  });
});
