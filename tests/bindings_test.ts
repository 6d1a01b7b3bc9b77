/** One test holds all bindings together: for any record they give the same answer. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { flagSet } from "../src/format/flag_set.ts";
import { bundleWithFeatures } from "../src/bundle/feature_elimination.ts";
import { type File, encodeFile } from "../src/format/file.ts";
import { TERMINAL_MODES } from "../src/format/record.ts";
import { defaultFile } from "../src/store/default_file.ts";
import { NO_HOME } from "./support/cli.ts";
import { CLI, REPOSITORY } from "./support/repository.ts";
import { BUN, run } from "./support/run.ts";
import { useTemporaryFolders } from "./support/temp.ts";

setDefaultTimeout(60_000);

const temporaryFolder = useTemporaryFolders();
const source = (path: string) => JSON.stringify(join(REPOSITORY, "src", path));
const FLAGS = ["DEBUG", "PREMIUM_TYPES", "CHECKOUT_V2", "LAST"];
const BITS = [2, 0, 7, 31];

/** What every binding answers. */
interface Answer {
  readonly version: number;
  readonly hash: string;
  readonly mode: string;
  readonly rows: number;
  readonly cols: number;
  readonly flags: readonly boolean[];
}

/** Small, and each differs from the others in everything. */
const RECORDS: readonly Answer[] = [
  {
    version: 1,
    hash: "c8c87440",
    mode: "cooked",
    rows: 24,
    cols: 80,
    flags: [true, false, true, false],
  },
  {
    version: 0,
    hash: "c8c87440",
    mode: "none",
    rows: 0,
    cols: 255,
    flags: [false, true, false, true],
  },
  {
    version: 1,
    hash: "c8c87440",
    mode: "pipe",
    rows: 255,
    cols: 0,
    flags: [true, true, true, true],
  },
  {
    version: 1,
    hash: "c8c87440",
    mode: "raw",
    rows: 1,
    cols: 1,
    flags: [false, false, false, false],
  },
];

function fileOf({ version, mode, rows, cols, flags }: Answer): File {
  const file = defaultFile({ registry: "https://registry.example.test" });
  const featureFlags = flagSet(BITS.filter((_, i) => flags[i] === true));
  const terminalMode = TERMINAL_MODES.find((known) => known === mode) ?? "none";
  const entries = BITS.map((bit, i) => ({ bit, name: FLAGS[i] ?? "" }));
  return {
    ...file,
    record: { ...file.record, version, featureFlags, terminalMode, rows, cols },
    flags: entries.toSorted((a, b) => a.bit - b.bit),
  };
}

/** A program that prints the answer of an object like `config`. */
function printing(config: string): string {
  return `const c = ${config};
    console.log(JSON.stringify({
      version: c.version, hash: c.registry.hash, mode: c.terminal.mode, rows: c.terminal.rows,
      cols: c.terminal.cols, flags: ${JSON.stringify(FLAGS)}.map((name) => c.features[name]) }));`;
}

/** A program that bundlers can fold: each value stands by itself. */
const LITERALS = `import { feature } from "bun:bundle";
  const flags = [];
  ${FLAGS.map((name) => `if (feature("${name}")) flags.push(true); else flags.push(false);`).join("\n")}
  const same = [${FLAGS.map((name) => `Bun.config.features.${name}`).join()}];
  console.log(JSON.stringify({
    version: Bun.config.version, hash: Bun.config.registry.hash, mode: Bun.config.terminal.mode,
    rows: Bun.config.terminal.rows, cols: Bun.config.terminal.cols,
    flags: flags.map((flag, i) => (flag === same[i] ? flag : "disagrees")) }));`;

const PINNING = `import ${source("index.ts")};
  import { writeFileSync } from "node:fs";
  writeFileSync(process.env.REPLACED, Buffer.from(process.env.OTHER, "hex"));
  const child = Bun.spawnSync([process.execPath, "frozen.ts"]);
  console.log(child.stdout.toString().trim());`;

test.each(
  RECORDS.map((answer, index) => ({ answer, other: RECORDS[(index + 1) % RECORDS.length] })),
)("record of $answer.mode, $answer.flags", async ({ answer, other = answer }) => {
  const cwd = temporaryFolder();
  const path = join(cwd, "bunfig.lockb");
  const file = fileOf(answer);
  writeFileSync(path, encodeFile(file));
  writeFileSync(
    join(cwd, "frozen.ts"),
    `import { config } from ${source("index.ts")};\n${printing("config")}`,
  );
  writeFileSync(join(cwd, "global.ts"), printing("Bun.config"));
  writeFileSync(join(cwd, "literals.ts"), LITERALS);
  writeFileSync(join(cwd, "pinning.ts"), PINNING);
  const live = `import { openLive } from ${source("live/view.ts")};
      import { load } from ${source("index.ts")};
      const live = await openLive("./bunfig.lockb", { env: process.env });
      ${printing('{ ...load("./bunfig.lockb"), features: live.pin().features }')}
      live.close();`;
  writeFileSync(join(cwd, "live.ts"), live);
  const native = `import { native } from ${source("native/index.ts")};
      import { load } from ${source("index.ts")};
      import { readFileSync } from "node:fs";
      const { features, ...rest } = load("./bunfig.lockb");
      const loaded = native.load(readFileSync("./bunfig.lockb"));
      ${printing(`{ ...rest, version: native.version(), features: Object.fromEntries(${JSON.stringify(FLAGS)}.map((name) => [name, native.featureByName(name)])) }`)}`;
  writeFileSync(join(cwd, "native.ts"), native);

  const env = {
    HOME: NO_HOME,
    IMMUCONFIG_RUNTIME_DIR: temporaryFolder(),
    REPLACED: path,
    OTHER: Buffer.from(encodeFile(fileOf(other))).toString("hex"),
  };
  const ask = async (...command: string[]): Promise<unknown> => {
    const { stdout, stderr } = await run([BUN, ...command], { cwd, env });
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout);
  };

  const { files } = await bundleWithFeatures(
    join(cwd, "literals.ts"),
    {},
    {
      file: path,
      build: { target: "bun" },
      report: () => undefined,
    },
  );
  const text = (await files[0]?.content.text()) ?? "";
  expect(text).not.toContain("Bun.config");
  writeFileSync(join(cwd, "built.js"), text);

  const register = join(REPOSITORY, "src", "register.ts");
  expect({
    frozen: await ask("frozen.ts"),
    global: await ask("--preload", register, "global.ts"),
    bundle: await ask("built.js"),
    exec: await ask(CLI, "exec", "--", BUN, "--preload", register, "literals.ts"),
    live: await ask("live.ts"),
    native: await ask("native.ts"),
    child: await ask("pinning.ts"),
  }).toEqual({
    frozen: answer,
    global: answer,
    bundle: answer,
    exec: answer,
    live: answer,
    native: answer,
    child: answer,
  });
});
