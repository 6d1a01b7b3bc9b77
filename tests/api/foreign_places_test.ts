// Whoever may do everything in one place asks every route of another: each says no, and tells nothing of it.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Route } from "../../src/api/http/route.ts";
import { routeTable } from "../../src/api/table.ts";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { type Answered, enroll, makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
const BYTES = encodeFile(PLAIN_FILE);
const SECRET = "the reason of the shop";
const TEST = SHOP.replace("live", "test");
const OTHERS = SHOP.replace("shop", "bank");

let plane: Plane;
/** What stands in the paths: each is there, in the shop. */
let there: Readonly<Record<string, string>>;
/** Admins of other places, by where. */
let strangers: Readonly<Record<string, Readonly<Record<string, string>>>>;

beforeAll(async () => {
  plane = await Plane.start({ data: temporaryFolder() });
  const made = async (path: string, body: object): Promise<Answered["body"]> => {
    const headers = path.startsWith(SHOP) ? { "if-match": await tagOf(SHOP) } : {};
    const answer = await plane.call("POST", path, body, headers);
    expect({ path, status: answer.status }).toEqual({ path, status: 201 });
    return answer.body;
  };
  await makeShop(plane, BYTES);
  await made(`/v1/projects/shop/environments`, { environment: "test" });
  await made("/v1/projects", { project: "bank" });
  await made("/v1/projects/bank/environments", { environment: "live" });
  const action = { kind: "switch", flag: "DEBUG", enabled: true, until: null };
  const at = plane.clock.now + 3_600_000;
  const { schedule } = await made(`${SHOP}/schedules`, { action, at, reason: SECRET });
  const { request } = await made(`${SHOP}/requests`, { action, reason: SECRET });
  const { person } = await made("/v1/people", { name: "Ada", grants: [] });
  const { ledger } = (await plane.call("POST", `${SHOP}/ledgers`, {})).body;
  const { verification } = (await plane.call("POST", "/v1/audit/verifications")).body;
  const url = "https://issuer.example.test";
  const rules = [{ claims: { sub: "a" }, role: "reader" }];
  await made("/v1/issuers", { issuer: "ci", url, jwks: url, audience: "a", rules });
  const token = async (project: string, environment: string | null): Promise<string> =>
    (await made("/v1/tokens", { name: "stranger", role: "admin", project, environment })).secret;
  const { token: first } = (await plane.call("GET", "/v1/tokens")).body.tokens[0];
  there = {
    project: "shop",
    environment: "live",
    flag: "DEBUG",
    key: "DEBUG",
    generation: "1",
    schedule: String(schedule),
    request: String(request),
    person,
    ledger,
    verification,
    issuer: "ci",
    token: first,
    passkey: "a",
    identity: "a",
  };
  const own = [{ role: "admin", project: "bank" }];
  strangers = {
    "another project": { authorization: `Bearer ${await token("bank", null)}` },
    "another environment": { authorization: `Bearer ${await token("shop", "test")}` },
    "another project, as a person": await enroll(plane, "Eve", own),
  };
});
afterAll(() => plane.server.stop());

async function tagOf(path: string): Promise<string> {
  return (await plane.call("GET", path)).etag;
}

async function asked(
  { method, path }: Pick<Route, "method" | "path">,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = there[name];
    if (value === undefined) throw new Error(`the test has no ${name}`);
    return value;
  });
  const hasBody = method === "PUT" || method === "POST";
  const response = await fetch(new URL(filled, plane.server.url), {
    method,
    headers: { "if-match": await tagOf(SHOP), ...headers },
    ...(hasBody ? { body: "{}" } : {}),
  });
  return { status: response.status, text: await response.text() };
}

const PLACED = routeTable("0.0.0").filter(({ path }) =>
  path.includes("/environments/:environment"),
);
const WHOLE = routeTable("0.0.0").filter(
  ({ path, role }) => role !== null && role !== "any" && !path.includes("/environments/:"),
);

test("every route of an environment refuses who may do everything elsewhere", async () => {
  expect(PLACED.length).toBeGreaterThan(30);
  const before = await plane.call("GET", SHOP);
  for (const [where, headers] of Object.entries(strangers)) {
    for (const route of PLACED) {
      // What a cache would be told where a guess is right.
      for (const guess of [{}, { "if-none-match": "*" }]) {
        const { status, text } = await asked(route, { ...headers, ...guess });
        const { method, path } = route;
        expect({ where, method, path, status }).toEqual({ where, method, path, status: 403 });
        expect(text).not.toContain(SECRET);
      }
    }
  }
  expect(await plane.call("GET", SHOP)).toMatchObject({ body: before.body, etag: before.etag });
});

test("every route of the whole server refuses who may do everything in one place", async () => {
  expect(WHOLE.length).toBeGreaterThan(15);
  for (const [where, headers] of Object.entries(strangers)) {
    for (const route of WHOLE) {
      const { method, path } = route;
      const { status } = await asked(route, headers);
      expect({ where, method, path, status }).toEqual({ where, method, path, status: 403 });
    }
  }
});

test("who may see something sees no more than that", async () => {
  const seen = async (headers: Readonly<Record<string, string>>, path: string): Promise<unknown> =>
    (await plane.call("GET", path, undefined, headers)).body;
  const { "another project": bank = {}, "another environment": inTest = {} } = strangers;
  expect(await seen(bank, "/v1/projects")).toEqual({ projects: ["bank"] });
  expect(await seen(inTest, "/v1/projects")).toEqual({ projects: ["shop"] });
  expect(await seen(inTest, "/v1/projects/shop")).toEqual({
    project: "shop",
    environments: ["test"],
  });
  expect((await plane.call("GET", "/v1/projects/shop", undefined, bank)).status).toBe(403);
});

test("what is another's is not found in one's own place, whatever its number", async () => {
  const headers = strangers["another project"] ?? {};
  const version = { "if-match": await tagOf(OTHERS) };
  const waiting = (await plane.call("GET", SHOP)).body;
  for (const [method, path] of [
    ["DELETE", `${OTHERS}/schedules/${there["schedule"]}?reason=r`],
    ["DELETE", `${OTHERS}/requests/${there["request"]}?reason=r`],
    ["POST", `${OTHERS}/requests/${there["request"]}/approval`],
    ["GET", `${OTHERS}/ledgers/${there["ledger"]}`],
    ["DELETE", `${OTHERS}/ledgers/${there["ledger"]}`],
    ["GET", `${OTHERS}/records/1`],
    ["GET", `${OTHERS}/record`],
    ["GET", `${OTHERS}/ledger`],
  ] as const) {
    const body = method === "POST" ? {} : undefined;
    const { status } = await plane.call(method, path, body, { ...headers, ...version });
    expect({ method, path, status }).toEqual({ method, path, status: 404 });
  }
  expect((await plane.call("GET", SHOP)).body).toEqual(waiting);
});

test("the address of one environment's events opens no other's", async () => {
  const ofrep = "ofrep/v1/evaluate/flags";
  const { body } = await plane.call("POST", `${SHOP}/${ofrep}`, { context: {} });
  const uri = new URL(body.eventStreams[0].endpoint.requestUri, plane.server.url);
  for (const place of [SHOP, TEST, OTHERS]) {
    const url = new URL(`${place}/events${uri.search}`, plane.server.url);
    const response = await fetch(url);
    await response.body?.cancel();
    expect({ place, status: response.status }).toEqual({
      place,
      status: place === SHOP ? 200 : 401,
    });
  }
});
