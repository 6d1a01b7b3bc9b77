/**
 * Addresses of event streams that need no header, which browsers cannot send with one: they hold a
 * proof that a token was there. It is good for one environment, as long as the token is.
 */

import { timingSafeEqual } from "node:crypto";
import type { Scope } from "../domain/change.ts";
import { Refusal } from "../domain/refusal.ts";
import type { State, Token } from "../domain/state.ts";
import { liveToken } from "./tokens.ts";

/** What stands behind `?ticket=`. */
export function ticketFor({ id, digest }: Token, scope: Scope): string {
  return `${id}.${proof(digest, scope)}`;
}

/**
 * The token that a ticket was made with.
 *
 * @throws Refusal `unauthorized`
 */
export function tokenOfTicket(state: State, ticket: string, scope: Scope, now: number): Token {
  const [id = "", given = ""] = ticket.split(".", 2);
  const token = state.tokens.values().find((candidate) => candidate.id === id);
  if (token === undefined || !isEqual(given, proof(token.digest, scope))) {
    throw new Refusal("unauthorized", "the ticket is for something else, or its token was revoked");
  }
  return liveToken(state, token.digest, now);
}

function proof(digest: string, { project, environment }: Scope): string {
  const hasher = new Bun.CryptoHasher("sha256", Buffer.from(digest, "hex"));
  return hasher.update(`events\0${project}\0${environment}`).digest("base64url");
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
