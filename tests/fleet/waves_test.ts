/** A rollout in waves over hosts whose agents, like the server and the commands, are processes of their own. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { writeConfigFile } from "../support/config_files.ts";
import { CLI } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { FILE, type Host, useHosts } from "../agent/host.ts";
import { serveCommand, type Serving } from "../api/serve_command.ts";
import { isReached } from "./waves.ts";

setDefaultTimeout(180_000);
const { makeHost } = useHosts();
const temporaryFolder = useTemporaryFolders();
const NAMES = Array.from({ length: 6 }, (_, index) => `web-${index}`);

let serving: Serving | undefined;
afterEach(() => serving?.[Symbol.asyncDispose]());

interface Seen {
  readonly salt: number;
  readonly step: number;
  readonly halted: { readonly reason: string } | null;
}

function areOn(hosts: readonly Host[]): (boolean | undefined)[] {
  return hosts.map(({ live }) => live.features["DEBUG"]);
}

test("the hosts of each wave, the same again after a restart, halted and taken back", async () => {
  let status = 503;
  using health = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("a page", { status }),
  });
  const origin = health.url.origin;
  const folder = temporaryFolder();
  writeConfigFile(folder, FILE);
  serving = await serveCommand(folder, ["--health-origin", origin]);
  const { token } = serving;
  const command = async (...args: readonly string[]): Promise<string> => {
    const env = {
      IMMUCONFIG_SERVER: serving?.url ?? "",
      IMMUCONFIG_TOKEN: token,
      IMMUCONFIG_ENVIRONMENT: "live",
    };
    const { exitCode, stdout, stderr } = await run([BUN, CLI, ...args], { cwd: folder, env });
    if (exitCode !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const startHosts = async (): Promise<Host[]> => {
    const { publicKey } = (await (
      await fetch(new URL("/v1/online-key", serving?.url ?? ""))
    ).json()) as { publicKey: string };
    return Promise.all(
      NAMES.map(async (name) => {
        const host = await makeHost();
        const agent = await host.start(serving?.url ?? "", publicKey, token, name);
        await agent.next("applied");
        return host;
      }),
    );
  };
  const rollout = async (): Promise<Seen> => {
    const [flag] = JSON.parse(await command("override", "--json")) as [
      { override: { rollout: Seen } },
    ];
    return flag.override.rollout;
  };
  const reached = async (condition: (seen: Seen) => boolean): Promise<Seen> => {
    for (let tries = 0; tries < 100; tries++) {
      const seen = await rollout();
      if (condition(seen)) return seen;
    }
    throw new Error(`it did not come to that: ${JSON.stringify(await rollout())}`);
  };

  await command("push", "--create");
  let hosts = await startHosts();
  const wave = ["--wave", "35%,70%,100%", "--every", "2s", "--halt-if", `${origin}/health`];
  const words = ["override", "set", "DEBUG", "on", ...wave, "--reason", "the launch"];
  expect(await command(...words)).toContain("DEBUG is on for 35 % of the hosts");
  const first = await reached(({ halted }) => halted !== null);
  expect(first).toMatchObject({ step: 0, halted: { reason: `${origin}/health answered 503` } });
  const rule = { place: "shop/live", flag: "DEBUG", salt: first.salt };
  const inWave = (percent: number) => NAMES.map((name) => isReached(rule, name, percent));
  // The halt is a newer set: who has it has had the wave's.
  await until(() => Bun.deepEquals(areOn(hosts), inWave(35)));

  // Everything ends and begins anew, on hosts that have kept nothing but their names.
  for (const host of hosts) await host[Symbol.asyncDispose]();
  await serving[Symbol.asyncDispose]();
  serving = await serveCommand(folder, ["--data", "immuconfig-data", "--health-origin", origin]);
  hosts = await startHosts();
  expect(areOn(hosts)).toEqual(inWave(35));
  expect(await rollout()).toEqual(first);

  status = 200;
  await command("override", "resume", "DEBUG", "--reason", "it was the network");
  await reached(({ step }) => step === 1);
  status = 302;
  await until(() => Bun.deepEquals(areOn(hosts), inWave(70)));
  await reached(({ halted }) => halted?.reason === `${origin}/health answered 302`);
  expect(areOn(hosts)).toEqual(inWave(70));
  // Whoever was in the first wave is in the second.
  expect(inWave(35).every((isIn, index) => !isIn || inWave(70)[index])).toBe(true);

  await command("override", "clear", "DEBUG", "--reason", "back");
  await until(() => areOn(hosts).every((on) => on === false));
  for (const host of hosts) await host[Symbol.asyncDispose]();
});
