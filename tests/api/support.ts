/** A control plane of a test, and a client of it. */

import { createLog } from "../../src/api/log.ts";
import type * as server from "../../src/api/server.ts";
import { Authenticator } from "../support/authenticator.ts";

export interface Answered {
  readonly status: number;
  readonly etag: string;
  readonly headers: Headers;
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- of many shapes
}

/** The server of the tests: the sources, or a bundle of them that a run of these tests is about. */
const SERVER = process.env["API_SERVER_BUNDLE"] ?? "../../src/api/server.ts";

export class Plane implements AsyncDisposable {
  readonly server: server.RunningServer;
  readonly token: string;
  /** Milliseconds since 1970: the server's clock. */
  readonly clock: { now: number };
  readonly faults: unknown[];

  private constructor(
    server: server.RunningServer,
    token: string,
    clock: { now: number },
    faults: unknown[],
  ) {
    this.server = server;
    this.token = token;
    this.clock = clock;
    this.faults = faults;
  }

  /**
   * @param token of a plane that has run on these data before
   * @param path of the server's module
   * @param now what its clock says, in milliseconds since 1970
   */
  static async start(
    database: Pick<
      server.ServerOptions,
      "data" | "databaseUrl" | "limits" | "healthOrigins" | "nats" | "newOnlineKey" | "oidc"
    > & { readonly port?: number },
    token?: string,
    path: string = SERVER,
    now = Date.UTC(2030, 0, 1),
  ): Promise<Plane> {
    const { startServer } = (await import(path)) as typeof server;
    const clock = { now };
    const faults: unknown[] = [];
    const running = await startServer({
      // A test asks for more in a second than a team in a day; one of limits names its own.
      limits: { changes: 1_000_000 },
      port: 0,
      ...database,
      hostname: "127.0.0.1",
      version: "0.0.0",
      now: () => clock.now,
      log: { ...createLog(() => undefined), fault: (_, error) => faults.push(error) },
    });
    return new Plane(running, token ?? running.adminToken ?? "", clock, faults);
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: { [name: string]: string } = {},
  ): Promise<Answered> {
    const response = await fetch(new URL(path, this.server.url), {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...headers },
      ...(body === undefined
        ? {}
        : { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return {
      status: response.status,
      etag: response.headers.get("etag") ?? "",
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }
}

/** Project `shop` with environment `live` and a record pushed. @returns the environment's tag */
export async function makeShop(plane: Plane, file: Uint8Array): Promise<string> {
  await plane.call("POST", "/v1/projects", { project: "shop" });
  await plane.call("POST", "/v1/projects/shop/environments", { environment: "live" });
  const { etag } = await plane.call("GET", SHOP);
  return (await plane.call("PUT", `${SHOP}/record`, file, { "if-match": etag })).etag;
}

export const SHOP = "/v1/projects/shop/environments/live";

/** What a page of the dashboard sends beside its cookie. */
const PAGE = {
  origin: "http://localhost:8737",
  "sec-fetch-site": "same-origin",
  authorization: "",
};

/** Uses an invitation. */
export async function join(
  plane: Plane,
  invitation: string,
  authenticator: Authenticator,
): Promise<Answered> {
  const path = "/v1/session/invitation";
  const { body } = await plane.call("POST", `${path}/options`, { invitation }, PAGE);
  const passkey = authenticator.create(body.challenge ?? "none");
  return plane.call("POST", path, { invitation, passkey }, PAGE);
}

/** @returns the cookie of a new session */
export async function signedInBy(plane: Plane, authenticator: Authenticator): Promise<string> {
  const path = "/v1/session/passkey";
  const { body } = await plane.call("POST", `${path}/options`, {}, PAGE);
  const passkey = authenticator.get(body.challenge);
  const { status, headers } = await plane.call("POST", path, { passkey }, PAGE);
  if (status !== 200) throw new Error(`signing in was answered with ${status}`);
  return headers.get("set-cookie")?.split(";")[0] ?? "";
}

/** A person who is signed in: what their page sends. */
export async function enroll(
  plane: Plane,
  name: string,
  grants: readonly object[],
): Promise<{ readonly [header: string]: string }> {
  const { body } = await plane.call("POST", "/v1/people", { name, grants });
  const joined = await join(plane, body.invitation, new Authenticator("http://localhost:8737"));
  return { ...PAGE, cookie: joined.headers.get("set-cookie")?.split(";")[0] ?? "" };
}
