// What must work wherever the package runs: plain JavaScript, for every Bun and Node. Started in a
// folder where the package is installed; tests/vectors is the first argument, and the parts to run
// follow: programs, commands, builds, proof, writers, or refusal, for a Bun that is too old. Prints a line for each that fails, and a last line of JSON.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const [vectors, ...parts] = process.argv.slice(2);
// Under Wine relative names are not found.
const root = resolve(".");
const cli = join(root, "node_modules", "immuconfig", "dist", "cli", "config.js");
const CHILD_MS_MAX = 300_000;
let passed = 0;
let failed = 0;

async function test(name, run) {
  try {
    await run();
    passed++;
  } catch (error) {
    failed++;
    console.log(
      `FAIL ${name}: ${String(error?.message ?? error)
        .split("\n")
        .slice(0, 6)
        .join(" | ")}`,
    );
  }
}

function environment(more = {}) {
  const env = { ...process.env, IMMUCONFIG_RUNTIME_DIR: join(root, "runtime"), ...more };
  for (const name of ["IMMUCONFIG_PIN", "IMMUCONFIG_FILE", "CI"]) {
    if (more[name] === undefined) delete env[name];
  }
  return env;
}

/** Runs a program of this runtime to its end. */
function program(folder, name, text, env = environment()) {
  const path = join(folder, name);
  writeFileSync(path, text);
  const run = spawnSync(process.execPath, [path], {
    cwd: folder,
    encoding: "utf8",
    env,
    timeout: CHILD_MS_MAX,
  });
  assert.equal(run.status, 0, `${name}: ${run.stderr}`);
  return run.stdout.trim();
}

function command(folder, words, exitCode = 0) {
  const run = spawnSync(process.execPath, [cli, ...words], {
    cwd: folder,
    encoding: "utf8",
    env: environment(),
    timeout: CHILD_MS_MAX,
  });
  assert.equal(run.status, exitCode, `bun-config ${words.join(" ")}: ${run.stderr}`);
  return run.stdout.trim();
}

function freshFolder(name) {
  const folder = join(root, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "fresh", "type": "module", "private": true }\n',
  );
  return folder;
}

const PARTS = { programs, commands, builds, proof, writers, refusal };
for (const part of parts) await PARTS[part]();
console.log(JSON.stringify({ passed, failed }));
process.exit(failed === 0 ? 0 : 1);

async function programs() {
  const core = await import("immuconfig/core");
  const index = JSON.parse(readFileSync(join(vectors, "index.json"), "utf8"));
  for (const vector of index.vectors) {
    const signed = vector.layer === "signature" || /[1-9a-f]/.test(vector.keyId ?? "");
    if (signed) continue;
    const bytes = new Uint8Array(readFileSync(join(vectors, vector.file)));
    await test(vector.file, () => {
      if (!vector.valid) {
        assert.throws(
          () => core.parse(bytes),
          (error) =>
            error instanceof core.FormatError &&
            error.fault.offset === vector.error.offset &&
            error.fault.field === vector.error.field,
        );
        return;
      }
      assert.equal(core.parse(bytes).record, vector.record);
      assert.deepEqual(core.encode(core.decode(bytes)), bytes);
    });
  }
  const folder = freshFolder("programs");
  const file = join(folder, "bunfig.lockb");
  const golden = readFileSync(join(vectors, "valid", "defaults.lockb"));
  writeFileSync(file, golden);

  await test("config is the file's record, deeply frozen", () => {
    const text = `import { config } from "immuconfig";
      console.log(config.record, config.features.DEBUG, Object.isFrozen(config.registry), Object.isFrozen(config.features));`;
    assert.equal(program(folder, "config.mjs", text), "014074c8c80400000001185099 true true true");
  });
  await test("a child keeps the record when the file has changed", () => {
    const { record, generation, ...rest } = core.decode(golden);
    const changed = {
      ...rest,
      generation: generation + 1,
      record: { ...record, featureFlags: 0n },
    };
    writeFileSync(join(folder, "changed.lockb"), core.encode(changed));
    const child = 'import { config } from "immuconfig"; console.log(config.features.DEBUG);';
    writeFileSync(join(folder, "child.mjs"), child);
    const text = `import { config } from "immuconfig";
      import { spawnSync } from "node:child_process";
      import { copyFileSync } from "node:fs";
      copyFileSync(${JSON.stringify(join(folder, "changed.lockb"))}, ${JSON.stringify(file)});
      const run = spawnSync(process.execPath, [${JSON.stringify(join(folder, "child.mjs"))}], { encoding: "utf8" });
      console.log(config.features.DEBUG, run.stdout.trim(), run.status);`;
    try {
      assert.equal(program(folder, "parent.mjs", text), "true true 0");
      assert.equal(program(folder, "child.mjs", child), "false");
    } finally {
      writeFileSync(file, golden);
    }
  });
  await test("every flipped bit of the header is refused", () => {
    for (let bit = 0; bit < 8 * 48; bit++) {
      const bytes = new Uint8Array(golden);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      assert.throws(() => core.parse(bytes), `bit ${bit}`);
    }
  });
  await test("a missing file is an error that says so", () => {
    const empty = freshFolder("empty");
    const text = `try { await import("immuconfig"); } catch (error) { console.log(error.code); }`;
    assert.equal(program(empty, "missing.mjs", text), "ERR_NOT_FOUND");
  });
  await test("live flags are read", () => {
    const text = `import { live } from "immuconfig/live"; console.log(live.features.DEBUG, live.problem); process.exit(0);`;
    assert.equal(program(folder, "live.mjs", text), "true undefined");
  });
  await test("the native core agrees", () => {
    const text = `import { native } from "immuconfig/native"; import { readFileSync } from "node:fs";
      const hash = native.murmurHash3(new TextEncoder().encode("https://registry.example.test"));
      console.log(native.load(readFileSync("bunfig.lockb")).fault, native.featureByName("DEBUG"), hash);`;
    assert.equal(program(folder, "native.mjs", text), "none true 3368580160");
  });
}

async function commands() {
  const folder = freshFolder("commands");
  await test("init", () =>
    void command(folder, ["init", "--yes", "--registry", "https://registry.example.test"]));
  await test("feature define, enable", () => {
    command(folder, [
      "feature",
      "define",
      "CHECKOUT_V2",
      "--owner",
      "payments",
      "--expires",
      "2030-12-31",
    ]);
    assert.match(
      command(folder, ["feature", "enable", "CHECKOUT_V2"]),
      /^Wrote CHECKOUT_V2 on in .*, durable$/,
    );
    assert.equal(command(folder, ["get", "features.CHECKOUT_V2"]), "true");
  });
  await test("set registry, get, verify", () => {
    command(folder, ["set", "registry", "https://registry.example.test"]);
    assert.match(command(folder, ["get", "--json"]), /registry\.example\.test/);
    assert.match(command(folder, ["verify", "--json"]), /"valid":true/);
  });
  await test("types", () => {
    command(folder, ["types"]);
  });
  await test("exec hands the record on", () => {
    const app = join(folder, "app.mjs");
    writeFileSync(
      app,
      'import { config } from "immuconfig"; console.log(config.features.CHECKOUT_V2);',
    );
    assert.equal(command(folder, ["exec", "--", process.execPath, app]), "true");
  });
  await test("a live flag reaches a program that runs", async () => {
    const reader = join(folder, "reader.mjs");
    writeFileSync(
      reader,
      `import { live } from "immuconfig/live";
      console.log(live.features.CHECKOUT_V2);
      while (live.features.CHECKOUT_V2);
      console.log("off");
      process.exit(0);`,
    );
    const child = spawn(process.execPath, [reader], {
      cwd: folder,
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
      timeout: CHILD_MS_MAX,
    });
    const ended = new Promise((done) => child.on("close", done));
    await new Promise((ready) => child.stdout.once("data", ready));
    const words = ["live", "set", "CHECKOUT_V2", "off", "--for", "10m", "--even-if-nobody"];
    command(folder, words);
    assert.equal(await ended, 0);
    command(folder, ["live", "unset", "CHECKOUT_V2"]);
  });
  await test("freeze refuses a change, thaw allows it", () => {
    command(folder, ["freeze"]);
    command(folder, ["feature", "disable", "CHECKOUT_V2"], 5);
    command(folder, ["thaw"]);
  });
  await test("a broken file is refused", () => {
    const path = join(folder, "bunfig.lockb");
    const whole = readFileSync(path);
    const bytes = new Uint8Array(whole);
    bytes[9] ^= 1;
    writeFileSync(path, bytes);
    command(folder, ["verify"], 4);
    writeFileSync(path, whole);
  });
  await test("4 processes, 5 changes each, at once: nothing is lost", async () => {
    const before = Number(command(folder, ["get", "generation"]));
    const ends = Array.from({ length: 4 }, async (_, i) => {
      for (let j = 0; j < 5; j++) {
        const run = spawn(process.execPath, [cli, "feature", "define", `RACE_${i}_${j}`], {
          cwd: folder,
          env: environment(),
          stdio: "ignore",
        });
        const code = await new Promise((done) => run.on("close", done));
        assert.equal(code, 0);
      }
    });
    await Promise.all(ends);
    assert.equal(Number(command(folder, ["get", "generation"])), before + 20);
  });
  await test("init --undo", () => {
    command(folder, ["init", "--undo", "--purge", "--yes"]);
    assert.equal(existsSync(join(folder, "bunfig.lockb")), false);
  });
}

async function builds() {
  const folder = freshFolder("builds");
  writeFileSync(
    join(folder, "bunfig.lockb"),
    readFileSync(join(vectors, "valid", "defaults.lockb")),
  );
  writeFileSync(
    join(folder, "app.ts"),
    'import { feature } from "bun:bundle";\nconsole.log(feature("DEBUG") ? "with" : "without");\n',
  );
  const app = join(folder, "app.ts");
  await test("build decides a flag", () => {
    command(folder, ["build", app, "--target", "bun", "--outdir", join(folder, "out")]);
    const text = readFileSync(join(folder, "out", "app.js"), "utf8");
    assert.match(text, /console\.log\("with"\)/);
    assert.doesNotMatch(text, /without/);
  });
  await test("the built file holds the record", () => {
    assert.match(
      command(folder, ["verify", join(folder, "out", "app.js"), "--json"]),
      /014074c8c80400000001185099/,
    );
  });
  await test("ledger counts a flag's bytes", () => {
    assert.match(command(folder, ["ledger", app, "--json"]), /"DEBUG"/);
  });
  await test("an adapter serves esbuild's kind of plugin", async () => {
    const { immuconfig } = await import("immuconfig/esbuild");
    assert.equal(immuconfig({ file: join(folder, "bunfig.lockb") }).name, "immuconfig");
  });
}

async function proof() {
  const folder = freshFolder("proof");
  writeFileSync(
    join(folder, "bunfig.lockb"),
    readFileSync(join(vectors, "valid", "defaults.lockb")),
  );
  const app = join(folder, "app.ts");
  const text =
    'import { feature } from "bun:bundle";\nconsole.log(feature("DEBUG") ? "with" : "without");\n';
  writeFileSync(app, text);
  await test("prove finds nothing of a dead branch", () => {
    command(folder, ["prove", "DEBUG", app]);
  });
}

/** Through the store alone: the start of so many commands would be all that is measured. */
async function writers() {
  const core = await import("immuconfig/core");
  const [processes, changes] = [32, 100];
  const folder = freshFolder("written");
  const path = join(folder, "bunfig.lockb");
  const golden = core.decode(readFileSync(join(vectors, "valid", "defaults.lockb")));
  const flags = Array.from({ length: processes }, (_, bit) => ({ bit, name: `F${bit}` }));
  const meta = { registries: golden.meta.registries };
  writeFileSync(path, core.encode({ ...golden, flags, meta }));
  const start = join(folder, "start");
  await test(`${processes} processes, ${changes} changes each, at once: nothing is lost`, async () => {
    const script = join(root, "writers", "dist", "change.js");
    const children = flags.map(({ bit }) =>
      spawn(process.execPath, [script, path, String(bit), String(changes), start], {
        cwd: folder,
        env: environment(),
        stdio: ["ignore", "pipe", "inherit"],
      }),
    );
    const ends = children.map((child) => new Promise((done) => child.on("close", done)));
    await Promise.all(
      children.map(({ stdout }) => new Promise((ready) => stdout.once("data", ready))),
    );
    writeFileSync(start, "");
    assert.deepEqual(
      await Promise.all(ends),
      flags.map(() => 0),
    );
    const written = core.decode(readFileSync(path));
    assert.equal(written.generation, golden.generation + processes * changes);
    for (const { name } of flags) {
      assert.equal(written.meta.flags[name].description, String(changes));
    }
  });
}

async function refusal() {
  const folder = freshFolder("refusal");
  writeFileSync(
    join(folder, "bunfig.lockb"),
    readFileSync(join(vectors, "valid", "defaults.lockb")),
  );
  const told = /^Bun \S+ is older than 1\.4\.1, the lowest that immuconfig runs on$/;
  for (const entry of ["immuconfig", "immuconfig/live", "immuconfig/native"]) {
    await test(`${entry} refuses`, () => {
      const text = `try { await import("${entry}"); } catch (error) { console.log(error.message); }`;
      assert.match(program(folder, "entry.mjs", text), told);
    });
  }
  await test("Bun.config refuses", () => {
    const text = `import "immuconfig/register"; try { Bun.config; } catch (error) { console.log(error.message); }`;
    assert.match(program(folder, "register.mjs", text), told);
  });
  await test("an adapter and a build refuse", () => {
    const text = `import { immuconfig } from "immuconfig/bun"; import { bundleWithFeatures } from "immuconfig/bundle";
      try { await Bun.build({ entrypoints: [import.meta.path], plugins: [immuconfig()] }); console.log("built"); }
      catch (error) { console.log(error.message); }
      try { await bundleWithFeatures("./build.mjs", {}); } catch (error) { console.log(error.message); }`;
    const lines = program(folder, "build.mjs", text).split("\n");
    assert.equal(lines.length, 2);
    for (const line of lines) assert.match(line, told);
  });
  for (const words of [["get"], ["doctor"], ["init", "--yes"]]) {
    await test(`bun-config ${words[0]} refuses in one line`, () => {
      const run = spawnSync(process.execPath, [cli, ...words], {
        cwd: folder,
        encoding: "utf8",
        env: environment(),
      });
      const [line, ...hints] = run.stderr.trim().split("\n");
      assert.equal(run.status, 5);
      assert.match(line.replace("error: ", ""), told);
      assert.equal(hints.length, 1);
    });
  }
}
