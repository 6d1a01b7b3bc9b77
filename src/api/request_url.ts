/** The address that a request was sent to. */

import { Refusal } from "./domain/refusal.ts";

/**
 * @throws Refusal `bad-request` where its host, which anybody may write, is none
 */
export function urlOf({ url }: Pick<Request, "url">): URL {
  const parsed = URL.parse(url);
  if (parsed !== null) return parsed;
  throw new Refusal("bad-request", "the Host header names no host");
}
