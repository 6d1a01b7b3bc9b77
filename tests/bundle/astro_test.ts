/** Pages of Astro, which runs Vite by itself. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../support/repository.ts";
import { BUN, run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { writeFiles, writeFixtureRecord } from "./support.ts";

setDefaultTimeout(120_000);

const temporaryFolder = useTemporaryFolders();

const PAGE = `---
import { feature } from "bun:bundle";
// don't be misled: --- is no end here
const title: string = feature("ON") ? "live-title" : "dead-title";
if (feature("OFF")) return new Response("dead-response");
---
<html><body>
<!-- <script> in a comment -->
<h1>{title} {feature("OFF") ? <b>dead-markup</b> : <b>live-markup isn't "off"</b>}</h1>
<script>
  import { feature } from "bun:bundle";
  const shown: string = feature("ON") ? "live-script" : "dead-script";
  document.title = shown;
</script>
<script is:inline>window.plain = "live-inline";</script>
</body></html>
`;

const SITE = join(import.meta.dir, "children", "astro_site.ts");

function makeSite(page: string): string {
  const root = temporaryFolder();
  writeFiles(root, { "src/pages/index.astro": page, "package.json": '{"type":"module"}' });
  mkdirSync(join(root, "public"));
  symlinkSync(join(REPOSITORY, "node_modules"), join(root, "node_modules"));
  writeFixtureRecord(root);
  return root;
}

const astro = (root: string, word: "build" | "dev") =>
  run([BUN, SITE, word], {
    cwd: root,
    env: { ASTRO_TELEMETRY_DISABLED: "1" },
    timeoutMs: 100_000,
  });

function allText(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), "utf8"))
    .join("\n");
}

const LIVE = ["live-title", "live-markup", "live-script", "live-inline"];

test("a site is built with the record", async () => {
  const root = makeSite(PAGE);
  expect(await astro(root, "build")).toMatchObject({ exitCode: 0 });
  const text = allText(join(root, "dist"));
  for (const one of LIVE) expect(text).toContain(one);
  expect(text).not.toMatch(/dead-|bun:bundle/);
});

test("the development server serves it", async () => {
  const { stdout, stderr } = await astro(makeSite(PAGE), "dev");
  expect(stderr).toBe("");
  const { page, code }: { page: string; code: string } = JSON.parse(stdout);
  expect(page).toContain("live-title");
  expect(page).toContain("live-markup");
  expect(page).not.toContain("dead-");
  expect(code).toContain('true ? "live-script"');
});

test.each([
  ["a frontmatter", PAGE.replace('if (feature("OFF"))', 'if (feature("NONE"))'), ":5:13: "],
  ["a markup", PAGE.replace('feature("OFF") ? <b>dead', 'feature("NONE") ? <b>dead'), ":9:22: "],
  [
    "a script",
    PAGE.replace('shown: string = feature("ON")', 'shown = feature("NONE")'),
    ":12:25: ",
  ],
])("a mistake in %s is told where it is", async (_, page, at) => {
  const { exitCode, stderr } = await astro(makeSite(page), "build");
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringContaining(`index.astro${at}`),
  });
});
