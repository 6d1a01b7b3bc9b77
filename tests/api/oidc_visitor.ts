/** A browser that signs in at a provider: what it keeps, and where it is sent. */

import type { Answered, Plane } from "./support.ts";

const PAGE = { "sec-fetch-site": "same-origin", authorization: "" };
const PATH = "/v1/session/oidc";

export interface Begun {
  /** Of the provider's page. */
  readonly url: URL;
  /** `name=value`. */
  readonly cookie: string;
  readonly answer: Answered;
}

export async function begin(plane: Plane, invitation?: string): Promise<Begun> {
  const body = invitation === undefined ? {} : { invitation };
  const answer = await plane.call("POST", PATH, body, PAGE);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { url: new URL(answer.body.url ?? "about:blank"), cookie, answer };
}

/** @returns the path and query that the provider sends the browser back to */
export async function atProvider(url: URL): Promise<string> {
  const { headers } = await fetch(url, { redirect: "manual" });
  const back = new URL(headers.get("location") ?? "about:blank");
  return back.pathname + back.search;
}

export interface Back {
  readonly status: number;
  readonly location: string;
  readonly cookies: readonly string[];
  /** Of the session; empty where there is none. */
  readonly session: string;
}

export async function comeBack(plane: Plane, path: string, cookie: string): Promise<Back> {
  const response = await fetch(new URL(path, plane.server.url), {
    redirect: "manual",
    headers: { cookie, "sec-fetch-site": "cross-site" },
  });
  const cookies = response.headers.getSetCookie();
  const session = cookies.find((one) => one.startsWith("__Host-session="))?.split(";")[0] ?? "";
  const location = response.headers.get("location") ?? "";
  return { status: response.status, location, cookies, session };
}

/** The whole way. */
export async function signInAtProvider(plane: Plane, invitation?: string): Promise<Back> {
  const { url, cookie } = await begin(plane, invitation);
  return comeBack(plane, await atProvider(url), cookie);
}
