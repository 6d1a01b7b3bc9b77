import { expect, test } from "bun:test";
import { registryToken } from "../../src/registry/token.ts";

const url = "https://registry.example.test/npm";
const TOKEN = { IMMUCONFIG_REGISTRY_TOKEN: "secret" };

test("a token goes to the registry that it is for", () => {
  const env = { ...TOKEN, IMMUCONFIG_REGISTRY_TOKEN_URL: "https://Registry.example.test:443/npm/" };
  expect(registryToken(url, env)).toBe("secret");
});

test.each([
  "https://registry.example.test",
  "https://evil.example.test/npm",
  "http://registry.example.test/npm",
])("and not to %s", (other) => {
  expect(registryToken(other, { ...TOKEN, IMMUCONFIG_REGISTRY_TOKEN_URL: url })).toBeUndefined();
});

test("a token for nobody in particular is refused, and no token is none", () => {
  expect(() => registryToken(url, TOKEN)).toThrow(/does not say which registry/);
  const broken = { ...TOKEN, IMMUCONFIG_REGISTRY_TOKEN_URL: "registry" };
  expect(() => registryToken(url, broken)).toThrow(/is not a URL/);
  expect(registryToken(url, { IMMUCONFIG_REGISTRY_TOKEN: "" })).toBeUndefined();
  expect(registryToken(url, {})).toBeUndefined();
});
