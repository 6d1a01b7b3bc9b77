// Requests that no client of ours makes, byte by byte: each is answered, and none is a fault of the server.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import { routeTable } from "../../src/api/table.ts";
import { encodeFile } from "../../src/format/file.ts";
import { PLAIN_FILE } from "../support/config_files.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { until } from "../support/until.ts";
import { makeShop, Plane, SHOP } from "./support.ts";

setDefaultTimeout(60_000);
const temporaryFolder = useTemporaryFolders();
let plane: Plane;

beforeAll(async () => {
  plane = await Plane.start({ data: temporaryFolder() });
  await makeShop(plane, encodeFile(PLAIN_FILE));
});
afterAll(() => plane.server.stop());

/** All that comes back until the server closes, which each of these asks it to. */
function answerTo(bytes: string): Promise<string> {
  const { hostname, port } = plane.server.url;
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(Number(port), hostname);
    socket.on("data", (data) => (text += data.toString("latin1")));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
    socket.write(bytes);
  });
}

function request(line: string, headers: readonly string[] = [], body = ""): string {
  return `${[line, "host: x", "connection: close", ...headers].join("\r\n")}\r\n\r\n${body}`;
}

/** Of each answer; a smuggled request would have one of its own. */
function statusesIn(text: string): number[] {
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
}

const HEALTH = "GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

test.each(["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])(
  "%s is no method of the page, nor of what it loads",
  async (method) => {
    const page = await answerTo(request("GET / HTTP/1.1"));
    const script = /src="(\/[^"]+\.js)"/.exec(page)?.[1] ?? "none";
    for (const path of ["/", script]) {
      const answer = await answerTo(request(`${method} ${path} HTTP/1.1`, ["content-length: 0"]));
      expect({ path, answer: answer.slice(0, 12) }).toEqual({ path, answer: "HTTP/1.1 405" });
      expect(answer).toMatch(/^allow: GET, HEAD\r$/im);
      expect(answer).not.toContain("<html");
    }
  },
);

test("TRACE, and what is in no row of the table, is refused by every route", async () => {
  for (const { path } of routeTable("0.0.0")) {
    for (const method of ["TRACE", "PATCH", "PROPFIND"]) {
      const url = new URL(path.replaceAll(/:\w+/g, "x"), plane.server.url);
      const { status, headers } = await fetch(url, { method });
      expect({ path, method, status }).toEqual({ path, method, status: 405 });
      expect(headers.get("allow")).toMatch(/^[A-Z]+(, [A-Z]+)*$/);
    }
  }
});

/** What two answers to the same question have in common. */
function headIn(answer: string): string[] {
  const lines = answer.toLowerCase().split("\r\n");
  return lines.filter((line) => !/^(date|x-request-id):/.test(line)).toSorted();
}

test("HEAD is GET without the body, wherever there is one, and leaves no stream open", async () => {
  const authorization = `authorization: Bearer ${plane.token}`;
  const ask = (method: string, path: string): Promise<string> =>
    answerTo(request(`${method} ${path} HTTP/1.1`, [authorization]));
  for (const path of [
    "/v1/health",
    "/v1/projects/shop",
    SHOP,
    `${SHOP}/record`,
    "/v1/projects/no",
  ]) {
    const [headers, body] = (await ask("GET", path)).split("\r\n\r\n");
    const answer = await ask("HEAD", path);
    expect(body).not.toBe("");
    expect({ path, answer: answer.endsWith("\r\n\r\n") }).toEqual({ path, answer: true });
    expect(headIn(answer.trim())).toEqual(headIn(headers ?? ""));
  }
  expect(statusesIn(await ask("HEAD", `${SHOP}/events`))).toEqual([200]);
  const metrics = await plane.call("GET", "/metrics");
  expect(metrics.body).toMatch(/^immuconfig_event_streams 0$/m);
  for (const path of ["/v1/session/passkey", "/v1/projects/shop/environments"]) {
    expect(statusesIn(await ask("HEAD", path))).toEqual([405]);
  }
  expect(statusesIn(await answerTo(request(`HEAD ${SHOP} HTTP/1.1`)))).toEqual([401]);
});

const POST = "POST /v1/session HTTP/1.1";
const CHUNKED = "transfer-encoding: chunked";
const HIDDEN: [string, string][] = [
  ["a length and chunks", request(POST, ["content-length: 5", CHUNKED], `0\r\n\r\n${HEALTH}`)],
  ["chunks and a length", request(POST, [CHUNKED, "content-length: 5"], `0\r\n\r\n${HEALTH}`)],
  ["two lengths", request(POST, ["content-length: 2", "content-length: 99"], `{}${HEALTH}`)],
  ["a length with a sign", request(POST, ["content-length: +2"], `{}${HEALTH}`)],
  ["a length below nothing", request(POST, ["content-length: -1"], `{}${HEALTH}`)],
  ["a length in hex", request(POST, ["content-length: 0x2"], `{}${HEALTH}`)],
  ["another coding", request(POST, ["transfer-encoding: xchunked"], `0\r\n\r\n${HEALTH}`)],
  ["two codings", request(POST, [CHUNKED, CHUNKED], `0\r\n\r\n${HEALTH}`)],
  [
    "a blank before the colon",
    request(POST, ["transfer-encoding : chunked"], `0\r\n\r\n${HEALTH}`),
  ],
  ["a folded line", request(POST, ["x: a", " transfer-encoding: chunked"], HEALTH)],
  ["a chunk without an end", request(POST, [CHUNKED], `2\r\n{}XX0\r\n\r\n${HEALTH}`)],
  ["a chunk of no size", request(POST, [CHUNKED], `ffffffffffffffff1\r\n{}\r\n0\r\n\r\n${HEALTH}`)],
  ["a line end in a header", request(POST, ["x: a\rb: c"], HEALTH)],
  ["an older chunk", request("POST /v1/session HTTP/1.0", [CHUNKED], `0\r\n\r\n${HEALTH}`)],
];

test.each(HIDDEN)("%s hides no second request", async (_, bytes) => {
  expect(statusesIn(await answerTo(bytes))).toEqual([400]);
  expect(plane.faults).toEqual([]);
});

test("no spelling of a path leads to another route, or past its check of who asks", async () => {
  const paths = [
    "/v1/projects/..%2ftokens",
    "/v1/projects/../tokens",
    "/v1/projects/%2e%2e/tokens",
    "//v1/tokens",
    "/v1//tokens",
    "/v1/tokens/",
    "/V1/tokens",
    "/v1/tokens;a",
    "/v1/tokens%00",
    "/v1/projects/shop%2fenvironments%2flive",
    "/v1/projects/%E0%A4%A",
    "/v1\\tokens",
    "http://evil.example.test/v1/tokens",
    "/v1/%74okens",
  ];
  for (const path of paths) {
    const answer = await answerTo(request(`GET ${path} HTTP/1.1`));
    expect({ path, answer }).toMatchObject({
      answer: expect.stringMatching(/^HTTP\/1\.1 (400|401|404) /),
    });
  }
  expect(plane.faults).toEqual([]);
});

test("headers, cookies and addresses without an end are refused", async () => {
  for (const bytes of [
    request("GET /v1/health HTTP/1.1", [`x: ${"a".repeat(70_000)}`]),
    request(
      "GET /v1/health HTTP/1.1",
      Array.from({ length: 1000 }, (_, at) => `x${at}: a`),
    ),
    request("GET /v1/session HTTP/1.1", [`cookie: ${"a=b;".repeat(20_000)}`]),
    request(`GET /v1/health?${"a".repeat(70_000)} HTTP/1.1`),
  ]) {
    expect(statusesIn(await answerTo(bytes))).toEqual([431]);
  }
});

test("who goes away in the middle of a body is no fault of the server", async () => {
  const { hostname, port } = plane.server.url;
  const authorization = `authorization: Bearer ${plane.token}`;
  const environment = (await plane.call("GET", SHOP)).etag;
  const torn = [
    request(POST, ["content-length: 99"], "{"),
    request(POST, [CHUNKED], "1\r\n{\r\n"),
    request(`POST ${SHOP}/ledgers HTTP/1.1`, [authorization, "content-length: 99"], "{"),
    request(
      `PUT ${SHOP}/record HTTP/1.1`,
      [authorization, `if-match: ${environment}`, "content-length: 99"],
      "{",
    ),
  ];
  const countOf = async (): Promise<number> => {
    const { body } = await plane.call("GET", "/metrics");
    const counts = body.matchAll(/^immuconfig_requests_total\{.*status="400"\} (\d+)$/gm);
    return [...counts].reduce((sum: number, [, count]) => sum + Number(count), 0);
  };
  const before = await countOf();
  for (const bytes of torn) {
    const socket = connect(Number(port), hostname);
    await new Promise((resolve) => socket.write(bytes, resolve));
    socket.destroy();
  }
  await until(async () => (await countOf()) === before + torn.length);
  expect(plane.faults).toEqual([]);
});

test("a Host that is none is the client's fault also where an answer names an address", async () => {
  const headers = [`authorization: Bearer ${plane.token}`, "content-length: 2"];
  for (const line of [`POST ${SHOP}/ledgers HTTP/1.1`, "POST / HTTP/1.1", "GET /x HTTP/1.1"]) {
    const bytes = request(line, headers, "{}").replace("host: x", "host: [");
    expect({ line, statuses: statusesIn(await answerTo(bytes)) }).toEqual({
      line,
      statuses: [400],
    });
  }
  expect(plane.faults).toEqual([]);
});

test("no cache keeps what somebody may see", async () => {
  for (const { method, path, role } of routeTable("0.0.0")) {
    if (method !== "GET" || role === null) continue;
    const place = path.replace(":project", "shop").replace(":environment", "live");
    const url = new URL(
      place.replace(":generation", "1").replaceAll(/:\w+/g, "x"),
      plane.server.url,
    );
    const authorization = `Bearer ${plane.token}`;
    for (const headers of [{ authorization }, { authorization: "Bearer imm_x" }]) {
      const response = await fetch(url, { headers });
      await response.body?.cancel();
      const kept = response.headers.get("cache-control");
      expect({ path, kept }).toEqual({
        path,
        kept: expect.stringMatching(/^(no-store|private, no-cache)$/),
      });
    }
  }
});
