import { expect, test } from "bun:test";
import { join } from "node:path";
import { attacks } from "../scripts/security_layers/attacks.ts";

// `bun scripts/security_layers.ts` takes each out and runs its test.
test("every attack of docs/security.md has a layer that can be taken out", () => {
  const found = attacks(join(import.meta.dir, ".."));
  expect(found.length).toBeGreaterThan(30);
  // What is no program is red for another reason.
  const transpiler = new Bun.Transpiler({ loader: "ts" });
  for (const { name, sources } of found) {
    expect([name, sources.size > 0]).toEqual([name, true]);
    for (const text of sources.values()) transpiler.transformSync(text);
  }
});
