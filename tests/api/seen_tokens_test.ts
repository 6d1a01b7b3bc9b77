import { expect, test } from "bun:test";
import { credentialOf, type NewToken, newToken, SeenTokens } from "../../src/api/auth/tokens.ts";
import { EMPTY_STATE, type State, type Token } from "../../src/api/domain/state.ts";

const END = 1000;

function stateWith(...made: readonly NewToken[]): State {
  const scope = { project: null, environment: null, expires: END } as const;
  const tokens = made.map(({ id, digest }): [string, Token] => [
    digest,
    { id, name: id, role: "reader", digest, created: 0, actor: "server", ...scope },
  ]);
  return { ...EMPTY_STATE, tokens: new Map(tokens) };
}

const sentBy = ({ secret }: NewToken): string =>
  credentialOf(new Headers({ authorization: `Bearer ${secret}` })) ?? "";

test("a token that was seen is one until it ends, or the server's tokens are others", () => {
  const [mine, other] = [newToken(), newToken()];
  const [first, second] = [sentBy(mine), sentBy(other)];
  const tokens = new SeenTokens();
  const both = stateWith(mine, other);
  expect(tokens.find(both, first, 1)).toBeUndefined();
  expect(tokens.check(both, first, 1).id).toBe(mine.id);
  expect(tokens.check(both, second, 1).id).toBe(other.id);
  expect(tokens.find({ ...both, projects: new Map() }, first, 1)?.id).toBe(mine.id);
  expect(() => tokens.find(both, first, END)).toThrow("past its end");

  const revoked = stateWith(other);
  expect(tokens.find(revoked, first, 1)).toBeUndefined();
  expect(() => tokens.check(revoked, first, 1)).toThrow("revoked");
  // Another's request comes between.
  expect(tokens.check(revoked, second, 1).id).toBe(other.id);
  expect(tokens.find(revoked, first, 1)).toBeUndefined();
  expect(tokens.find(revoked, second, 1)?.id).toBe(other.id);
});

test("a token that is used is remembered, however many others come", () => {
  const mine = newToken();
  const others = Array.from({ length: 6000 }, () => newToken());
  const state = stateWith(mine, ...others);
  const tokens = new SeenTokens();
  tokens.check(state, sentBy(mine), 1);
  for (const other of others) {
    tokens.check(state, sentBy(other), 1);
    expect(tokens.find(state, sentBy(mine), 1)?.id).toBe(mine.id);
  }
  // Of those that were not, no more than two lists have room for.
  const kept = others.filter((other) => tokens.find(state, sentBy(other), 1) !== undefined);
  expect(kept.length).toBeLessThanOrEqual(5000);
  expect(tokens.find(state, sentBy(others[0] ?? mine), 1)).toBeUndefined();
});
