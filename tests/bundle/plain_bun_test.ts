/** What Bun does without immuconfig: a change in a new version of Bun is noticed here. */

import { afterAll, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { REFUSED } from "./fixtures/refused.ts";
import { makeFolder, writeFiles } from "./support.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("plain Bun refuses some of the mistakes, and builds the others", async () => {
  const seen: Record<string, string> = {};
  for (const { name, files } of REFUSED) {
    const result = await Bun.build({
      entrypoints: [writeFiles(join(folder, name), files)],
      features: ["ON"],
      minify: true,
      target: "bun",
      throw: false,
    });
    seen[name] = result.success ? "builds" : "refuses";
  }
  expect(seen).toEqual(Object.fromEntries(REFUSED.map(({ name, plainBun }) => [name, plainBun])));
}, 20_000);
