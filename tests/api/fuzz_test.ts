/** Requests of every shape against every route: no fault, and no answer that the table does not promise. */

import { expect, setDefaultTimeout, test } from "bun:test";
import * as v from "valibot";
import { PROBLEMS } from "../../src/api/domain/refusal.ts";
import { openApi } from "../../src/api/http/openapi.ts";
import type { Route } from "../../src/api/http/route.ts";
import { ProblemView } from "../../src/api/http/schemas.ts";
import { routeTable } from "../../src/api/table.ts";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { Authenticator } from "../support/authenticator.ts";
import { OidcProvider } from "../support/oidc_provider.ts";
import { Random } from "../support/random.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, startOn } from "./databases.ts";
import { sourcesOf } from "./ledger_sources.ts";
import { signInAtProvider } from "./oidc_visitor.ts";
import { enroll, makeShop, type Plane, SHOP } from "./support.ts";

setDefaultTimeout(300_000);
const temporaryFolder = useTemporaryFolders();
const SOURCES = sourcesOf({ "a.ts": "console.log(1);" });
const REQUESTS = Number(process.env["API_FUZZ_REQUESTS"] ?? 10_000);

const HOSTILE = [
  "",
  "..",
  "../../etc",
  "__proto__",
  "constructor",
  "a'; DROP TABLE audit; --",
  "%00",
  "é",
  "A",
  "a".repeat(300),
];
const ORIGIN = "http://localhost:8737";
const REQUEST_PATH = "/v1/projects/:project/environments/:environment/requests/:request";
const random = new Random(0x42554e31);
/** Every other request is as a client of ours would send it, so that each route is got through. */
let careful = false;
/** Names of what was made on the way, by the parameter that takes them. */
const made: { [parameter: string]: string[] } = {};
type Headers = Readonly<{ [name: string]: string }>;
const NAMES = new Set([
  "token",
  "person",
  "issuer",
  "verification",
  "ledger",
  "schedule",
  "request",
]);
/** Secrets of invitations that were made on the way. */
const invitations: string[] = [];
const authenticator = new Authenticator(ORIGIN);
/** A right value beside wrong ones. */
const OFTEN = ["x", "x", "x", "x", "x", "x", "x", "x"] as const;

/** Whether a request that is not careful goes wrong in one more way. */
function mishap(oneIn: number): boolean {
  return !careful && random.below(oneIn) === 0;
}

/** A value that a schema of ours may or may not take. */
function anyValue(depth = 0): unknown {
  const leaves = [
    null,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 53,
    "",
    "reader",
    "live",
    "DEBUG",
    "r",
    ...HOSTILE,
  ];
  const kind = random.below(depth > 2 ? 1 : 4);
  if (kind < 2) return random.pick(leaves.slice(1));
  if (kind === 2) return Array.from({ length: random.below(4) }, () => anyValue(depth + 1));
  return Object.fromEntries(
    Array.from({ length: random.below(4) }, () => [
      random.pick(["a", "context", "__proto__"]),
      anyValue(depth + 1),
    ]),
  );
}

/** A body that is nearly what the route takes. */
async function bodyFor(
  { path, body }: Route,
  plane: Plane,
): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  if (body === undefined) return undefined;
  const invitation = random.pick([invitations.at(-1) ?? "none", "imi_x"]);
  const grant = { role: "reader", project: "shop", environment: random.pick(["live", null]) };
  const passkey = path.startsWith("/v1/session/") ? await passkeyFor(path, plane, invitation) : {};
  if (path.endsWith("/ledgers") && random.below(8) === 0) return SOURCES;
  if (body === "bytes") {
    const file = new Uint8Array(encodeFile({ ...PLAIN_FILE, generation: 1 + random.below(1000) }));
    if (mishap(2)) file[random.below(file.length)] = random.below(256);
    return file;
  }
  if (mishap(8)) return random.pick(["", "{", "nul", '{"a":1}}', "\u0000"]);
  const known: { [name: string]: unknown } = {
    project: random.pick(["shop", "new-one", null, `p-${random.below(50)}`]),
    environment: random.pick(["live", "next", null]),
    enabled: random.below(2) === 0,
    until: random.pick([null, Date.UTC(2030, 0, 2), 1]),
    reason: random.pick([...OFTEN.map(() => "because"), ""]),
    name: "n",
    host: random.pick(["web-1", "../x"]),
    generation: random.pick([1, null, -1]),
    sequence: random.pick([1, null]),
    problem: null,
    secret: random.pick([plane.token, "imm_x"]),
    invitation,
    passkey,
    at: random.pick([null, Date.UTC(2030, 0, 2), Date.UTC(2030, 0, 2), 1]),
    twoPersons: random.below(8) === 0,
    action: random.pick([
      { kind: "switch", flag: "DEBUG", enabled: true, until: null },
      { kind: "switch", flag: "DEBUG", enabled: false, until: null },
      { kind: "give_back", flag: "DEBUG" },
      { kind: "end_two_persons" },
      { kind: "clear_variants", flag: "DEBUG" },
      {
        kind: "set_variants",
        flag: "DEBUG",
        type: "object",
        variants: [{ name: "a", value: random.pick([{ b: [1] }, anyValue()]) }],
        off: random.pick(["a", "c"]),
        rollout: [{ variant: "a", weight: 1 }],
        ...random.pick([{}, { against: null }, { against: 4 }]),
      },
      { kind: "__proto__" },
    ]),
    issuer: random.below(6) === 0 ? "ci" : `ci-${random.below(50)}`,
    url:
      random.below(6) === 0
        ? random.pick(["http://x", "ftp://x"])
        : `https://ci-${random.below(500)}.example.test`,
    jwks: "https://ci.example.test/keys",
    audience: "shop",
    rules:
      random.below(6) === 0
        ? []
        : [{ ...grant, claims: random.below(6) === 0 ? {} : { sub: "main" } }],
    grants: random.pick([[], [grant], [{ ...grant, project: "__proto__" }]]),
    role: random.pick(["reader", "writer", "admin"]),
    expires: null,
    context: random.pick([{}, { targetingKey: "u" }, { targetingKey: 1 }, null]),
    type: random.pick([...OFTEN.map(() => "string"), "number"]),
    variants: [
      { name: "a", value: random.pick([...OFTEN, 1]) },
      { name: "b", value: "y" },
    ],
    off: random.pick([...OFTEN.map(() => "a"), "c"]),
    // Of values, or of a switch in waves.
    rollout: path.includes("/variants/")
      ? [
          { variant: "a", weight: random.pick([...OFTEN.map(() => 1), 0, 2 ** 31]) },
          { variant: "b", weight: random.below(3) },
        ]
      : random.below(4) === 0
        ? undefined
        : { shares: [100, 10_000], everyMs: 60_000 },
  };
  const names =
    typeof body === "object" && "entries" in body
      ? Object.keys(body.entries as object)
      : ["context"];
  const members = names
    .filter(() => !mishap(10))
    .map((name) => [name, mishap(8) ? anyValue() : known[name]]);
  if (mishap(10)) members.push(["more", anyValue()]);
  return JSON.stringify(mishap(12) ? anyValue() : Object.fromEntries(members));
}

/** What a browser would answer with, or nearly. */
async function passkeyFor(path: string, plane: Plane, invitation: string): Promise<object> {
  const headers = { origin: ORIGIN, "sec-fetch-site": "same-origin", authorization: "" };
  const isInvited = path.endsWith("/invitation");
  const asked = isInvited ? { invitation } : {};
  const { body } = await plane.call("POST", `${path}/options`, asked, headers);
  const challenge: string = random.pick([body.challenge ?? "none", "none"]);
  if (!isInvited) return authenticator.get(challenge);
  return random.pick([authenticator, new Authenticator(ORIGIN)]).create(challenge);
}

/** Keeps what later requests can name. */
function remember(answer: unknown): void {
  if (typeof answer !== "object" || answer === null) return;
  for (const [name, value] of Object.entries(answer)) {
    if (NAMES.has(name)) (made[name] ??= []).push(String(value));
    if (name === "invitation") invitations.push(String(value));
  }
}

/** Who has the one passkey that there is. */
let enrolled: readonly string[] = [];
/** Who is known by an identity, and by which. */
let acquainted: { readonly person: string; readonly identity: string } | undefined;

/** Makes somebody who signs in at the provider. */
async function acquaint(plane: Plane, provider: OidcProvider): Promise<void> {
  const { body } = await plane.call("POST", "/v1/people", { name: "Ida", grants: [] });
  provider.subject = crypto.randomUUID();
  const { session: cookie } = await signInAtProvider(plane, body.invitation);
  expect(cookie).not.toBe("");
  const { body: list } = await plane.call("GET", "/v1/people");
  const { identities } = list.people.find(({ person }: typeof body) => person === body.person);
  acquainted = { person: body.person, identity: identities[0].identity };
}

function urlFor({ path, query }: Route): string {
  const values: { [name: string]: readonly string[] } = {
    project: ["shop"],
    environment: ["live"],
    flag: ["DEBUG"],
    key: ["DEBUG"],
    generation: ["1"],
    token: made["token"]?.slice(-8) ?? [],
    issuer: made["issuer"]?.slice(-8) ?? [],
    verification: made["verification"]?.slice(-8) ?? [],
    ledger: made["ledger"]?.slice(-8) ?? [],
    person: path.includes(":passkey")
      ? enrolled
      : path.includes(":identity")
        ? [acquainted?.person ?? ""]
        : (made["person"]?.slice(-8) ?? []),
    identity: [acquainted?.identity ?? ""],
    schedule: made["schedule"]?.slice(-1) ?? [],
    request: made["request"]?.slice(-1) ?? [],
    passkey: [authenticator.id],
  };
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(pickOr(mishap(6) ? undefined : values[name])),
  );
  const wantsReason =
    query !== undefined && "entries" in query && "reason" in Object(query.entries);
  if (wantsReason && !mishap(3)) return `${filled}?reason=over`;
  if (careful) return filled;
  return (
    filled +
    random.pick([
      "",
      "",
      "?reason=over",
      "?after=1&limit=2",
      "?limit=x",
      "?__proto__=1",
      "?reason=",
    ])
  );
}

function pickOr(values: readonly string[] | undefined): string {
  return random.pick(values === undefined || values.length === 0 ? HOSTILE : values);
}

/** What the table says of an answer: its schema, or a problem, or nothing. */
function checkAnswer(route: Route, status: number, type: string, text: string): void {
  const own = status === route.status ? route.answer : route.also?.[status];
  if (type.startsWith("application/problem+json")) {
    const problem = v.parse(ProblemView, JSON.parse(text));
    expect(problem.status).toBe(status);
    expect(problem.type).toBe(`/problems/${problemName(status, problem.type)}`);
    return;
  }
  if (own === undefined)
    throw new Error(`${route.method} ${route.path} answered ${status}: ${text}`);
  if (own.schema !== undefined) v.parse(own.schema, JSON.parse(text));
  else if (own.contentType !== undefined) expect(type).toStartWith(own.contentType);
  else expect(text).toBe("");
}

/** A freeze and the rule of two persons would leave little to try for the rest of the run. */
async function relax(plane: Plane): Promise<readonly Headers[]> {
  // People of one project, so that the first token lives on. A session may have been ended meanwhile.
  const grants = [{ role: "admin", project: "shop" }];
  const ann = await enroll(plane, "Ann", grants);
  const bob = await enroll(plane, "Bob", grants);
  const call = async (who: Headers, method: string, path: string, body?: object) => {
    const { etag } = await plane.call("GET", SHOP);
    return plane.call(method, `${SHOP}${path}`, body, { ...who, "if-match": etag });
  };
  await call(ann, "DELETE", "/freeze?reason=over");
  const { body: now } = await plane.call("GET", SHOP);
  for (const { request } of now.requests)
    await call(ann, "DELETE", `/requests/${request}?reason=r`);
  for (const { schedule } of now.schedules) {
    await call(ann, "DELETE", `/schedules/${schedule}?reason=r`);
  }
  if (now.twoPersons === true) {
    const action = { kind: "end_two_persons" };
    const { body } = await call(ann, "POST", "/requests", { action, reason: "over" });
    const approved = await call(bob, "POST", `/requests/${body.request}/approval`, {});
    expect(approved.status).toBe(204);
  }
  const action = { kind: "switch", flag: "DEBUG", enabled: false };
  const at = Date.UTC(2030, 0, 3);
  for (const path of ["/requests", "/schedules"]) {
    const opened = await call(ann, "POST", path, { action, at, reason: "later" });
    expect(opened.status).toBe(201);
    remember(opened.body);
  }
  return [ann, bob];
}

function problemName(status: number, type: string): string {
  const name = Object.entries(PROBLEMS).find(
    ([kind, problem]) => problem.status === status && type.endsWith(kind),
  );
  return name?.[0] ?? "none";
}

test.each(DRIVERS)(`${REQUESTS} requests end as the document says, on %s`, async (driver) => {
  await using provider = await OidcProvider.start();
  const oidc = provider.settings(ORIGIN);
  await using database = await startOn(driver, temporaryFolder(), undefined, { oidc });
  const { plane } = database;
  provider.now = () => plane.clock.now;
  await makeShop(plane, encodeFile(PLAIN_FILE));
  const token = { authorization: `Bearer ${plane.token}` };
  let people: readonly Headers[] = [];
  const table = routeTable("0").filter(({ path }) => !path.endsWith("/events"));
  const { paths } = openApi(table, "0") as {
    paths: { [path: string]: { [method: string]: { responses: object } } };
  };
  // The run is worth nothing when it never gets through; two people seldom meet by chance.
  const missed = new Set(table.map(({ method, path, status }) => `${method} ${path} ${status}`));
  missed.delete(`POST ${REQUEST_PATH}/approval 204`);
  // What has not been met by then gets as many requests again.
  for (let index = 0; index < REQUESTS || (missed.size > 0 && index < 2 * REQUESTS); index++) {
    const route = random.pick(table);
    if (index % 100 === 0) people = await relax(plane);
    careful = random.below(2) === 0;
    if (route.path.includes(":identity") && careful) await acquaint(plane, provider);
    const isTokenWrong = mishap(10);
    const version = random.pick(['"4"', '"5"', '"x"', "*", ""]);
    const current = mishap(4)
      ? version
      : (await plane.call("GET", "/v1/projects/shop/environments/live")).etag;
    const body = await bodyFor(route, plane);
    const response = await fetch(new URL(urlFor(route), plane.server.url), {
      method: route.method,
      redirect: "manual",
      headers: {
        ...(mishap(4) ? {} : { "sec-fetch-site": "same-origin", origin: ORIGIN }),
        ...(isTokenWrong
          ? { authorization: random.pick(["Bearer x", "Basic eDp5", "Bearer "]) }
          : careful
            ? token
            : random.pick([token, token, ...people])),
        ...(current === "" ? {} : { "if-match": current, "if-none-match": current }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const operation = paths[route.path.replaceAll(/:(\w+)/g, "{$1}")]?.[route.method.toLowerCase()];
    expect(response.status).not.toBe(500);
    // A name that holds a slash makes it another path.
    if (response.status !== 404 && response.status !== 405) {
      expect(Object.keys(operation?.responses ?? {})).toContain(String(response.status));
    }
    if (response.status !== 405)
      checkAnswer(route, response.status, response.headers.get("content-type") ?? "", text);
    if (response.status === 201 || response.status === 202) remember(JSON.parse(text));
    if (response.ok && route.path === "/v1/session/invitation") {
      enrolled = [JSON.parse(text).actor.replace("person:", "")];
    }
    missed.delete(`${route.method} ${route.path} ${response.status}`);
  }
  expect(plane.faults).toEqual([]);
  expect([...missed]).toEqual([]);
});
