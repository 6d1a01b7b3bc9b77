/** The bodies of answers: JSON, and problem documents (RFC 9457). */

import { ImmuconfigError } from "../../base/errors.ts";
import { type Problem, PROBLEMS, Refusal } from "../domain/refusal.ts";

/** What somebody may see stays with them: no cache keeps it, neither a browser's nor one on the way. */
export const UNCACHED = { "cache-control": "no-store" };
/** Theirs alone, and asked for again each time by its tag. */
export const CACHED_BY_TAG = { "cache-control": "private, no-cache" };

export function json(
  body: unknown,
  status = 200,
  headers: Readonly<{ [name: string]: string }> = {},
): Response {
  return Response.json(body, { status, headers: { ...UNCACHED, ...headers } });
}

/** The version of an environment as an entity tag, and back. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/** @throws Refusal `no-precondition`, `bad-request` */
export function readVersionTag(header: string | null): number {
  if (header === null) {
    throw new Refusal("no-precondition", "send If-Match with the ETag of what you have seen");
  }
  const version = /^"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined) throw new Refusal("bad-request", "If-Match is no ETag of this server");
  return Number(version);
}

/** An answer of 304 where the client has what a tag stands for, and what is given otherwise. */
export function unlessKnown<Given extends Response | Promise<Response>>(
  { headers }: Request,
  etag: string,
  give: () => Given,
): Response | Given {
  if (!isKnown(headers.get("if-none-match"), etag)) return give();
  return new Response(null, { status: 304, headers: { etag } });
}

/** Whether a client has what a tag stands for (RFC 9110, 13.1.2). */
function isKnown(ifNoneMatch: string | null, tag: string): boolean {
  if (ifNoneMatch === null) return false;
  const known = new Set(ifNoneMatch.split(",").map((one) => one.trim().replace(/^W\//, "")));
  return known.has(tag) || known.has("*");
}

/** The answer to a request that failed; nothing of a fault of ours is told. */
export function problemOf(error: unknown): Response {
  if (error instanceof Refusal) {
    // RFC 9110, 15.5.2: a 401 says by what scheme one may say who one is.
    const scheme = error.problem === "unauthorized" ? { "www-authenticate": "Bearer" } : {};
    // In seconds: clients read the header's other form, a date, as a number of years.
    const wait = error.retryAfter === undefined ? {} : { "retry-after": String(error.retryAfter) };
    return problem(error.problem, error.message, { ...scheme, ...wait });
  }
  if (
    error instanceof ImmuconfigError &&
    (error.code === "ERR_WRITE" || error.code === "ERR_BUSY")
  ) {
    return problem(
      "unavailable",
      "the database cannot be written, and nothing was changed; try again",
      { "retry-after": "2" },
    );
  }
  return problem("internal", FAULT_DETAIL);
}

/** What a client is told of a fault of ours. */
export const FAULT_DETAIL = "the server's log has more";

export function problem(
  kind: Problem,
  detail: string,
  headers: Readonly<{ [name: string]: string }> = {},
): Response {
  const { status, title } = PROBLEMS[kind];
  return Response.json(
    { type: `/problems/${kind}`, title, status, detail },
    { status, headers: { ...UNCACHED, ...headers, "content-type": "application/problem+json" } },
  );
}
