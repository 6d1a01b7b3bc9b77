/** The control plane of this repository: built with PREMIUM_TYPES, and profiled under a real load. */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { encodeFile } from "../../src/format/file.ts";
import { defaultFile } from "../../src/store/default_file.ts";
import { root, runHere } from "./here.ts";
import { expect, step } from "./step.ts";

const BUNDLE = join(root, "dist", "server.js");
const BUILD = ["build", "./src/api/server.ts", "--feature", "PREMIUM_TYPES", "--outdir", "./dist"];
const LOAD_MS = 3000;
const CONNECTIONS = 8;
const FLAG_COUNT = 32;
const START_MS = 10_000;
const ENVIRONMENT = "/v1/projects/links/environments/live";

/** @param folder for its data and its profile */
export async function runServerSteps(folder: string): Promise<void> {
  try {
    await step(`bun ${BUILD.join(" ")}`, buildServer);
    await step("bun --cpu-prof ./dist/server.js, under load", () => profileServer(folder));
  } finally {
    // What a release holds is built by scripts/build.ts.
    rmSync(BUNDLE, { force: true });
  }
}

function buildServer(): string {
  const said = runHere(BUILD);
  const bundle = readFileSync(BUNDLE, "utf8");
  expect(bundle.includes("fractional-v2"), "the bundle has no percentage rollouts");
  const left = bundle.includes('feature("PREMIUM_TYPES")');
  expect(!left, "the bundle asks at run time whether the feature is on");
  return said.split("\n").filter(Boolean).join("; ");
}

interface Client {
  readonly url: string;
  readonly headers: { readonly authorization: string };
}

/** Starts the server, asks it for a while, stops it, and reads what its profile says. */
async function profileServer(folder: string): Promise<string> {
  const profiles = join(folder, "profile");
  const options = ["--cpu-prof", "--cpu-prof-interval", "100", "--cpu-prof-dir", profiles];
  const child = Bun.spawn([process.execPath, ...options, "./dist/server.js"], {
    cwd: root,
    env: { ...process.env, PORT: "0", IMMUCONFIG_DATA: join(folder, "plane") },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), START_MS);
  let requests: number;
  try {
    const client = await readGreeting(child.stderr);
    clearTimeout(timer);
    await fill(client);
    requests = await load(client);
  } finally {
    clearTimeout(timer);
    child.kill("SIGTERM");
    await child.exited;
  }
  expect(child.exitCode === 0, `the server ended with ${child.exitCode}`);
  const name = readdirSync(profiles).find((file) => file.endsWith(".cpuprofile"));
  return describeProfile(JSON.parse(readFileSync(join(profiles, name ?? ""), "utf8")), requests);
}

async function readGreeting(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Client> {
  let said = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    said += chunk;
    const url = /at (http:[^\s]+)/.exec(said)?.[1];
    const token = /\bimm_[\w-]+/.exec(said)?.[0];
    if (url !== undefined && token !== undefined) {
      return { url, headers: { authorization: `Bearer ${token}` } };
    }
  }
  throw new Error(`the server ended before it listened: ${said}`);
}

/** A project with a record of 32 flags, one of which is rolled out to a quarter. */
async function fill({ url, headers }: Client): Promise<void> {
  const call = async (
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    version = "",
  ): Promise<string> => {
    const options = { method, body, headers: { ...headers, "if-match": version } };
    const response = await fetch(new URL(path, url), options);
    expect(response.ok, `${method} ${path} answered ${response.status}`);
    return response.headers.get("etag") ?? "";
  };
  await call("POST", "/v1/projects", '{"project":"links"}');
  await call("POST", "/v1/projects/links/environments", '{"environment":"live"}');
  const file = encodeFile({
    ...defaultFile({ registry: "https://registry.example.test", project: "links" }),
    flags: Array.from({ length: FLAG_COUNT }, (_, bit) => ({ bit, name: `FLAG_${bit}` })),
  });
  const created = await fetch(new URL(ENVIRONMENT, url), { headers });
  const tag = created.headers.get("etag") ?? "";
  const pushed = await call("PUT", `${ENVIRONMENT}/record`, new Uint8Array(file), tag);
  const on = JSON.stringify({ enabled: true, reason: "try" });
  const switched = await call("PUT", `${ENVIRONMENT}/overrides/FLAG_0`, on, pushed);
  const values = {
    type: "string",
    variants: ["blue", "green"].map((name) => ({ name, value: name })),
    off: "blue",
    rollout: [
      { variant: "blue", weight: 75 },
      { variant: "green", weight: 25 },
    ],
    reason: "try",
  };
  await call("PUT", `${ENVIRONMENT}/variants/FLAG_0`, JSON.stringify(values), switched);
}

/** Evaluates all flags for ever new users, and checks each answer. @returns how often */
async function load({ url, headers }: Client): Promise<number> {
  const end = performance.now() + LOAD_MS;
  let count = 0;
  const ask = async () => {
    while (performance.now() < end) {
      const targetingKey = `user-${count++}`;
      const response = await fetch(new URL(`${ENVIRONMENT}/ofrep/v1/evaluate/flags`, url), {
        method: "POST",
        headers,
        body: JSON.stringify({ context: { targetingKey } }),
      });
      const { flags } = (await response.json()) as { flags: { value: unknown }[] };
      const share = Bun.hash.murmur32v3(`FLAG_0${targetingKey}`) / 2 ** 32;
      expect(flags.length === FLAG_COUNT, `it answered ${flags.length} flags`);
      expect(flags[0]?.value === (share < 0.75 ? "blue" : "green"), "a user got another's value");
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  return count;
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly url: string; readonly functionName: string };
  }[];
  readonly samples: readonly number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** What says of a flag whether it is on, and what it gives. */
const FLAG_READS = new Set([
  "flagStates",
  "activeOverride",
  "evaluate",
  "evaluateVariants",
  "fractional",
]);

function describeProfile(
  { nodes, samples, startTime, endTime }: Profile,
  requests: number,
): string {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  expect(samples.length > 100, `the profile has only ${samples.length} samples`);
  const reads = samples.filter((id) => FLAG_READS.has(names.get(id) ?? "")).length;
  const share = reads / samples.length;
  const nanoseconds = ((endTime - startTime) * 1e3 * share) / (requests * FLAG_COUNT);
  return [
    `${requests} evaluations of ${FLAG_COUNT} flags in ${LOAD_MS / 1000} s, each answer checked`,
    `${samples.length} samples, ${reads} of them where flags are read (${(100 * share).toFixed(2)} %): ${nanoseconds.toFixed(1)} ns a flag`,
    'feature("PREMIUM_TYPES") itself is a literal, and in no sample',
    "claimed: 0.5 ns an access, which no sampling profile can show: bun run bench:claims",
  ].join("\n");
}
