import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { buildPackage, makeProject, runProgram, RUNTIMES } from "../support/project.ts";
import { useTemporaryFolders } from "../support/temp.ts";
import { TRUSTED_KEY, vectorPath } from "../support/vectors.ts";

// Bounds a hang, on a busy machine too.
setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();

beforeAll(buildPackage);

/** Parses every vector; prints how each ended. */
const PROGRAM = `
  import { readFileSync } from "node:fs";
  import { parse } from "immuconfig";
  const folder = ${JSON.stringify(vectorPath(""))};
  const { vectors } = JSON.parse(readFileSync(folder + "/index.json", "utf8"));
  const wrong = [];
  let checked = 0;
  for (const { file, valid, layer, record, generation, error: expected } of vectors) {
    const isSigned = layer === "signature" || file === "valid/signed.lockb";
    if (isSigned !== (process.env.IMMUCONFIG_TRUSTED_KEYS !== undefined)) continue;
    checked++;
    let said;
    try {
      const config = parse(readFileSync(folder + "/" + file));
      said = { valid: true, record: config.record, generation: config.generation };
    } catch ({ code, fault }) {
      said = fault === undefined
        ? { valid: false, code }
        : { valid: false, code, offset: fault.offset, field: fault.field };
    }
    const wanted = valid
      ? { valid, record, generation }
      : { valid, code: isSigned ? "ERR_SIGNATURE" : "ERR_FORMAT", ...expected };
    if (JSON.stringify(said) !== JSON.stringify(wanted)) wrong.push({ file, said, wanted });
  }
  console.log(JSON.stringify({ checked, wrong }));`;

describe.each(RUNTIMES)("the built package under %s", (_, runtime) => {
  test.each([
    ["unsigned", "valid/defaults.lockb", {}, 100],
    ["signed", "valid/signed.lockb", { IMMUCONFIG_TRUSTED_KEYS: TRUSTED_KEY }, 5],
  ])("says the same of every %s vector as the source", async (_name, file, env, atLeast) => {
    const folder = temporaryFolder();
    makeProject(folder);
    const { stdout, stderr } = await runProgram(runtime, folder, PROGRAM, {
      // The import itself reads a file, which must fit the keys.
      env: { ...env, IMMUCONFIG_FILE: vectorPath(file) },
    });
    expect(stderr).toBe("");
    const { checked, wrong } = JSON.parse(stdout);
    expect(wrong).toEqual([]);
    expect(checked).toBeGreaterThanOrEqual(atLeast);
  });
});
