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
import { Random } from "../support/random.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { DRIVERS, startOn } from "./databases.ts";
import { makeShop, type Plane } from "./support.ts";

setDefaultTimeout(300_000);
const temporaryFolder = useTemporaryFolders();
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
const random = new Random(0x42554e31);
/** Names of what was made on the way, by the parameter that takes them. */
const made: { [parameter: string]: string[] } = {};
/** Secrets of invitations that were made on the way. */
const invitations: string[] = [];
const authenticator = new Authenticator(ORIGIN);
/** A right value beside wrong ones. */
const OFTEN = ["x", "x", "x", "x", "x", "x", "x", "x"] as const;

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
  if (body === "bytes") {
    const file = new Uint8Array(encodeFile({ ...PLAIN_FILE, generation: 1 + random.below(1000) }));
    if (random.below(2) === 0) file[random.below(file.length)] = random.below(256);
    return file;
  }
  if (random.below(8) === 0) return random.pick(["", "{", "nul", '{"a":1}}', "\u0000"]);
  const known: { [name: string]: unknown } = {
    project: random.pick(["shop", "new-one", null, `p-${random.below(50)}`]),
    environment: random.pick(["live", "next", null]),
    enabled: random.below(2) === 0,
    until: random.pick([null, Date.UTC(2030, 0, 2), 1]),
    reason: random.pick(["because", "because", ""]),
    name: "n",
    host: random.pick(["web-1", "../x"]),
    generation: random.pick([1, null, -1]),
    sequence: random.pick([1, null]),
    problem: null,
    secret: random.pick([plane.token, "imm_x"]),
    invitation,
    passkey,
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
    rollout: [
      { variant: "a", weight: random.pick([...OFTEN.map(() => 1), 0, 2 ** 31]) },
      { variant: "b", weight: random.below(3) },
    ],
  };
  const names =
    typeof body === "object" && "entries" in body
      ? Object.keys(body.entries as object)
      : ["context"];
  const members = names
    .filter(() => random.below(10) > 0)
    .map((name) => [name, random.below(8) === 0 ? anyValue() : known[name]]);
  if (random.below(10) === 0) members.push(["more", anyValue()]);
  return JSON.stringify(random.below(12) === 0 ? anyValue() : Object.fromEntries(members));
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
    if (typeof value !== "string") continue;
    if (name === "token" || name === "person" || name === "verification")
      (made[name] ??= []).push(value);
    if (name === "invitation") invitations.push(value);
  }
}

function urlFor({ path }: Route): string {
  const values: { [name: string]: readonly string[] } = {
    project: ["shop"],
    environment: ["live"],
    flag: ["DEBUG"],
    key: ["DEBUG"],
    token: made["token"]?.slice(-8) ?? [],
    verification: made["verification"]?.slice(-8) ?? [],
    person: made["person"]?.slice(-8) ?? [],
    passkey: [authenticator.id],
  };
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(pickOr(random.below(6) > 0 ? values[name] : undefined)),
  );
  const query = random.pick([
    "",
    "",
    "?reason=over",
    "?generation=1",
    "?after=1&limit=2",
    "?limit=x",
    "?__proto__=1",
    "?reason=",
  ]);
  return filled + query;
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

function problemName(status: number, type: string): string {
  const name = Object.entries(PROBLEMS).find(
    ([kind, problem]) => problem.status === status && type.endsWith(kind),
  );
  return name?.[0] ?? "none";
}

test.each(DRIVERS)(`${REQUESTS} requests end as the document says, on %s`, async (driver) => {
  await using database = await startOn(driver, temporaryFolder());
  const { plane } = database;
  await makeShop(plane, encodeFile(PLAIN_FILE));
  const table = routeTable("0").filter(({ path }) => !path.endsWith("/events"));
  const { paths } = openApi(table, "0") as {
    paths: { [path: string]: { [method: string]: { responses: object } } };
  };
  const seen = new Map<string, number>();
  for (let index = 0; index < REQUESTS; index++) {
    const route = random.pick(table);
    const isTokenWrong = random.below(10) === 0;
    const version = random.pick(['"4"', '"5"', '"x"', "*", ""]);
    const current =
      random.below(4) > 0
        ? (await plane.call("GET", "/v1/projects/shop/environments/live")).etag
        : version;
    const body = await bodyFor(route, plane);
    const response = await fetch(new URL(urlFor(route), plane.server.url), {
      method: route.method,
      headers: {
        authorization: isTokenWrong
          ? random.pick(["Bearer x", "Basic eDp5", "Bearer "])
          : `Bearer ${plane.token}`,
        ...(random.below(4) > 0 ? { "sec-fetch-site": "same-origin", origin: ORIGIN } : {}),
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
    if (response.status === 201) remember(JSON.parse(text));
    seen.set(`${route.method} ${route.path} ${response.status}`, 1);
  }
  expect(plane.faults).toEqual([]);
  // The run is worth nothing when it never gets through.
  for (const { method, path, status } of table)
    expect([...seen.keys()]).toContain(`${method} ${path} ${status}`);
});
