/** The options of the adapters, and how they fail. */

import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { immuconfig as forBun } from "../../src/bundle/adapters/bun.ts";
import { setFrozen } from "../../src/format/edit/set_fields.ts";
import { decodeFile, encodeFile } from "../../src/format/file.ts";
import type { ImmuconfigOptions } from "../../src/bundle/adapters/options.ts";
import { BUNDLERS } from "./bundlers.ts";
import { failure, makeFolder, writeFiles, writeFixtureRecord, writeRecord } from "./support.ts";

const folder = makeFolder();
const file = writeFixtureRecord(folder);
const frozen = join(folder, "frozen.lockb");
const fixtureRecord = decodeFile(readFileSync(file), () => undefined);
writeFileSync(frozen, encodeFile(setFrozen(true)(fixtureRecord)));
const root = join(folder, "src");
const app = writeFiles(join(root, "app"), {
  "main.js":
    'import { feature } from "bun:bundle";\nif (feature("OFF")) out("OFF_BRANCH");\nout("end");\n',
});
const hidden = writeFiles(join(root, "hidden"), {
  "main.js":
    'import { feature } from "bun\\u003abundle";\nif (feature("ON")) out("on");\nout("end");\n',
});
type Entries = Record<string, string>;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(BUNDLERS)("$name", ({ name, build }) => {
  const outdir = join(folder, name);

  async function bundle(options: ImmuconfigOptions, entries: Entries = { app }): Promise<string> {
    await build({ entries, root, outdir, options });
    return readFileSync(join(outdir, `${Object.keys(entries).join()}.mjs`), "utf8");
  }

  test("features sets a flag otherwise than the record", async () => {
    expect(await bundle({ file })).not.toContain("OFF_BRANCH");
    expect(await bundle({ file, features: { OFF: true } })).toContain("OFF_BRANCH");
  }, 20_000);

  test("features refuses a flag that the record does not define, or has retired", async () => {
    const unknown = await failure(() => bundle({ file, features: { OF: true } }));
    expect(unknown).toContain("there is no flag OF");
    const retired = await failure(() => bundle({ file, features: { OLD: true } }));
    expect(retired).toContain("OLD is retired");
  });

  test("features refuses to differ from a frozen record", async () => {
    const said = await failure(() => bundle({ file: frozen, features: { OFF: true } }));
    expect(said).toContain("is frozen, so OFF cannot be built otherwise");
    expect(await bundle({ file: frozen, features: { OFF: false } })).not.toContain("OFF_BRANCH");
  }, 20_000);

  test("a missing record stops the build", async () => {
    const missing = join(folder, "none", "bunfig.lockb");
    expect(await failure(() => bundle({ file: missing }))).toContain(`${missing} does not exist`);
  });

  test("an import whose name is written with escapes is not left in the output", async () => {
    // Bun reads the escape and replaces the call; the others refuse.
    if (name === "Bun") expect(await bundle({ file }, { hidden })).toContain('out("on")');
    else expect(await failure(() => bundle({ file }, { hidden }))).toContain("bun:bundle");
  }, 20_000);
});

test("Bun.build refuses features beside the plugin that contradict it", async () => {
  const said = await failure(
    async () =>
      await Bun.build({ entrypoints: [app], features: ["OFF"], plugins: [forBun({ file })] }),
  );
  expect(said).toContain('features: ["OFF"] contradicts the record');
});

test("every build reads the record anew", async () => {
  const changing = join(folder, "changing", "bunfig.lockb");
  for (const { name, build } of BUNDLERS) {
    const outdir = join(folder, `anew-${name}`);
    for (const enabled of [false, true]) {
      writeRecord(changing, { ON: {}, OFF: { enabled } });
      await build({ entries: { app }, root, outdir, options: { file: changing } });
      const text = readFileSync(join(outdir, "app.mjs"), "utf8");
      expect(text.includes("OFF_BRANCH")).toBe(enabled);
    }
  }
}, 20_000);
