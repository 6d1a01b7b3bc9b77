// What somebody without a right to it tries: each has an answer, and changes nothing.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { connect } from "node:net";
import { routeTable } from "../../src/api/table.ts";
import { isChange } from "../../src/api/http/route.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { Plane } from "./support.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
let plane: Plane;

beforeAll(async () => {
  plane = await Plane.start({ data: temporaryFolder() });
});
afterAll(() => plane.server.stop());

async function statusOf(path: string, headers: Record<string, string>, method = "GET") {
  const response = await fetch(new URL(path, plane.server.url), { method, headers });
  await response.body?.cancel();
  return response.status;
}

async function signIn(headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(new URL("/v1/session", plane.server.url), {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", ...headers },
    body: JSON.stringify({ secret: plane.token }),
  });
  expect(response.status).toBe(200);
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

test.each(["Basic abc", "Basic", "", "Digest x"])(
  "a header %p that stood beside a token is nobody's token",
  async (authorization) => {
    expect(await statusOf("/v1/tokens", { authorization, "x-api-key": plane.token })).toBe(200);
    expect(await statusOf("/v1/tokens", { authorization, "x-api-key": plane.token })).toBe(200);
    expect(await statusOf("/v1/tokens", { authorization })).toBe(401);
    expect(await statusOf("/v1/tokens", { authorization, "x-api-key": "imm_x" })).toBe(401);
  },
);

test("no change is made for another site, whatever the cookie", async () => {
  const cookie = await signIn();
  expect(await statusOf("/v1/tokens", { cookie })).toBe(200);
  const before = (await plane.call("GET", "/v1/health")).body.sequence;
  const changes = routeTable("0.0.0").filter(isChange);
  expect(changes.length).toBeGreaterThan(15);
  for (const { method, path } of changes) {
    const place = path.replace(":project", "shop").replace(":environment", "live");
    for (const from of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { origin: "https://evil.example.test" },
      { origin: "null" },
      {},
    ]) {
      const status = await statusOf(place, { cookie, ...from }, method);
      expect({ method, path, from, status }).toEqual({ method, path, from, status: 403 });
    }
  }
  expect((await plane.call("GET", "/v1/health")).body.sequence).toBe(before);
});

test("a cookie that somebody else chose is never a session", async () => {
  const chosen = `__Host-session=${"A".repeat(43)}`;
  const cookie = await signIn({ cookie: chosen });
  expect(cookie).not.toBe(chosen);
  expect(await statusOf("/v1/tokens", { cookie: chosen })).toBe(401);
  expect(await statusOf("/v1/tokens", { cookie })).toBe(200);
});

test.each(["é".repeat(43), "A".repeat(43), "", "\0", "A.B.C"])(
  "a ticket %p opens nothing, and is no fault of the server",
  async (proof) => {
    const { token } = (await plane.call("GET", "/v1/tokens")).body.tokens[0];
    const ticket = encodeURIComponent(`${token}.${proof}`);
    const path = `/v1/projects/shop/environments/live/events?ticket=${ticket}`;
    expect(await statusOf(path, {})).toBe(401);
    expect(plane.faults).toEqual([]);
  },
);

test("the end of a body that is too large is not waited for", async () => {
  const { hostname, port } = plane.server.url;
  for (const head of ["content-length: 8000000\r\n\r\n", "transfer-encoding: chunked\r\n\r\n"]) {
    const socket = connect(Number(port), hostname);
    const answer = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (bytes) => {
        text += bytes.toString();
        resolve(text);
      });
    });
    socket.write(
      `POST /v1/session HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${head}`,
    );
    // Of the chunks, there are always more.
    for (let i = 0; i < 100; i++) socket.write(`1000\r\n${" ".repeat(0x1000)}\r\n`);
    expect(await answer).toStartWith("HTTP/1.1 413");
    socket.destroy();
  }
});

test.each(["a\nb", "a\u001b[2Jb", "a\u202eb", "a\u009bb", "a\u2028b"])(
  "a name or a reason %j is refused",
  async (name) => {
    const { status } = await plane.call("POST", "/v1/tokens", { name, role: "reader" });
    expect(status).toBe(422);
  },
);

test("a Host that is none is the client's fault, wherever the address is read", async () => {
  const authorization = `Bearer ${plane.token}`;
  const asked = [
    ["/v1/audit?after=0", { authorization }, undefined],
    ["/v1/projects/shop/environments/live/events?ticket=x", {}, undefined],
    ["/v1/session/oidc/return?state=x", {}, undefined],
    ["/v1/session", { origin: "http://x.test" }, '{"secret":"x"}'],
    ["/v1/projects", { authorization, "idempotency-key": "k" }, '{"project":"shop"}'],
  ] as const;
  for (const host of ["[", "a b", "x:99999", "%", "x/../y", "user@x", "xn--"]) {
    for (const [path, headers, body] of asked) {
      const response = await fetch(new URL(path, plane.server.url), {
        headers: { ...headers, host },
        ...(body === undefined ? {} : { method: "POST", body }),
      });
      await response.body?.cancel();
      expect([host, path, response.status]).toEqual([host, path, 400]);
    }
  }
  expect(plane.faults).toEqual([]);
});

test("a time after the last day that there is is refused: nobody could show it", async () => {
  const last = 8.64e15;
  const body = { name: "late", role: "reader" };
  expect((await plane.call("POST", "/v1/tokens", { ...body, expires: last })).status).toBe(201);
  expect((await plane.call("POST", "/v1/tokens", { ...body, expires: last + 1 })).status).toBe(422);
});

test("names that objects have by themselves are names like others", async () => {
  for (const project of ["constructor", "valueof", "tostring"]) {
    expect((await plane.call("GET", `/v1/projects/${project}`)).status).toBe(404);
    expect((await plane.call("POST", "/v1/projects", { project })).status).toBe(201);
    expect((await plane.call("GET", `/v1/projects/${project}`)).status).toBe(200);
    const path = `/v1/projects/${project}/environments/constructor`;
    expect((await plane.call("GET", path)).status).toBe(404);
  }
  expect((await plane.call("POST", "/v1/projects", { project: "__proto__" })).status).toBe(422);
});
