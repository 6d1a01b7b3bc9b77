// The record's costs beside their floors, in one run: `bun run bench`. With --quick it runs once,
// small, to show that it works.
import {
  closeSync,
  cpSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTerminalSize } from "../src/format/edit/set_fields.ts";
import { type File, encodeFile } from "../src/format/file.ts";
import { load } from "../src/runtime/load.ts";
import { defaultFile } from "../src/store/default_file.ts";
import { withLock } from "../src/store/lock.ts";
import { updateFile } from "../src/store/update.ts";
import { verifiedReader } from "../src/trust/verified.ts";
import {
  check,
  compare,
  formatTime,
  median,
  printComparison,
  printTime,
  timed,
  verdict,
} from "./support/measure.ts";

const quick = process.argv.includes("--quick");
const root = join(import.meta.dir, "..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "immuconfig-bench-")));
const path = join(folder, "bunfig.lockb");
const file: File = {
  ...defaultFile({ registry: "https://registry.example.test", project: "bench" }),
  flags: Array.from({ length: 8 }, (_, bit) => ({ bit, name: `FLAG_${bit}` })),
};
writeFileSync(path, encodeFile({ ...file, record: { ...file.record, featureFlags: 0b1011_0010 } }));

let allHold = true;
try {
  installPackage();
  await benchFieldRead();
  await benchLoad();
  await benchImport();
  await benchWrite();
  await benchGet();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(allHold || quick ? 0 : 1);

/** Reads of `config.features.X` where X comes from data, so that nothing can be folded. */
async function benchFieldRead(): Promise<void> {
  const reads = quick ? 1_000 : 1_000_000;
  const { features } = load(path);
  const local: Readonly<Record<string, boolean>> = Object.freeze({ ...features });
  const names = Object.keys(local);
  const order = Uint8Array.from({ length: 4096 }, () => Math.floor(Math.random() * names.length));
  const sum = (flags: Readonly<Record<string, boolean>>): number => {
    let on = 0;
    for (let i = 0; i < reads; i++) {
      if (readFlag(flags, order[i & 4095] ?? 0)) on++;
    }
    return on;
  };
  check(sum(features) === sum(local), "the two loops disagree");
  const result = await compare(quick ? 2 : 61, {
    subject: () => timed(() => sum(features)) / reads,
    floor: () => timed(() => sum(local)) / reads,
  });
  allHold = printComparison("config.features.X / a local frozen object", result, 1.05) && allHold;
}

function readFlag(flags: Readonly<Record<string, boolean>>, index: number): boolean | undefined {
  switch (index) {
    case 0:
      return flags["FLAG_0"];
    case 1:
      return flags["FLAG_1"];
    case 2:
      return flags["FLAG_2"];
    case 3:
      return flags["FLAG_3"];
    case 4:
      return flags["FLAG_4"];
    case 5:
      return flags["FLAG_5"];
    case 6:
      return flags["FLAG_6"];
    default:
      return flags["FLAG_7"];
  }
}

async function benchLoad(): Promise<void> {
  const loads = quick ? 10 : 2_000;
  const bytes = new Uint8Array(4096);
  const readOnly = (): number => {
    const descriptor = openSync(path, "r");
    const size = readSync(descriptor, bytes, 0, bytes.length, 0);
    closeSync(descriptor);
    return size;
  };
  check(load(path).features["FLAG_1"] === true && readOnly() > 104, "the file reads wrongly");
  const repeat = (run: () => unknown) =>
    timed(() => {
      for (let i = 0; i < loads; i++) run();
    }) / loads;
  const result = await compare(quick ? 2 : 41, {
    subject: () => repeat(() => load(path)),
    floor: () => repeat(readOnly),
  });
  allHold = printComparison("load() / open, read, close", result, 1.5) && allHold;

  // A load of other bytes than the last time decodes all of them.
  const other = join(folder, "other.lockb");
  writeFileSync(other, encodeFile(file));
  const paths = [path, other] as const;
  let turn = 0;
  const decoding = median(
    Array.from({ length: quick ? 2 : 41 }, () =>
      repeat(() => load(paths[(turn = 1 - turn) as 0 | 1])),
    ),
  );
  printTime("  load() of changed bytes, for comparison", decoding);
}

/** The package as it is installed: a project's own tsconfig.json, for one, would cost time too. */
function installPackage(): void {
  const target = join(folder, "node_modules", "immuconfig");
  for (const part of ["dist", "lib", "package.json"]) {
    cpSync(join(root, part), join(target, part), { recursive: true });
  }
  const other = join(folder, "node_modules", "one-line");
  mkdirSync(other);
  writeFileSync(
    join(other, "package.json"),
    '{"name":"one-line","type":"module","exports":"./i.js"}',
  );
  writeFileSync(join(other, "i.js"), "// @bun\nexport const one = 1;\n");
}

async function benchImport(): Promise<void> {
  const added = await addedToEmpty("importing.ts", 'import "immuconfig";');
  const holds = added.nanoseconds <= 1e6;
  allHold &&= holds;
  printAdded(
    "import immuconfig, over an empty program",
    added,
    `, at most 1 ms: ${verdict(holds)}`,
  );
  // What any package costs, and any program that reads a file at its start, with no line of ours.
  printAdded(
    "  import of a package of one line, the floor",
    await addedToEmpty("one_line.ts", 'import "one-line";'),
  );
  printAdded(
    "  a program that loads node:fs and no more",
    await addedToEmpty(
      "reading.ts",
      'import { openSync } from "node:fs"; globalThis.o = openSync;',
    ),
  );
}

interface Added {
  /** Medians. */
  readonly nanoseconds: number;
  readonly empty: number;
}

function printAdded(name: string, { nanoseconds, empty }: Added, end = ""): void {
  console.log(
    `${name.padEnd(44)} ${formatTime(nanoseconds).padStart(9)} over ${formatTime(empty)}, ` +
      `${(1 + nanoseconds / empty).toFixed(2)} times an empty one${end}`,
  );
}

async function addedToEmpty(name: string, text: string): Promise<Added> {
  const entry = writeProgram(name, text);
  const empty = writeProgram("empty.ts", "");
  const { subject, floor } = await compare(quick ? 2 : 100, {
    subject: () => runProcess([process.execPath, entry]),
    floor: () => runProcess([process.execPath, empty]),
  });
  return { nanoseconds: subject - floor, empty: floor };
}

function writeProgram(name: string, text: string): string {
  const written = join(folder, name);
  writeFileSync(written, text);
  return written;
}

/** The calls that a durable change needs, with nothing else. */
async function benchWrite(): Promise<void> {
  const bytes = encodeFile(file);
  const scratch = new Uint8Array(4096);
  const bare = join(folder, "bare.lockb");
  const temporary = join(folder, ".bare.lockb.new");
  writeFileSync(bare, bytes);
  let rows = 0;
  const result = await compare(quick ? 2 : 2_000, {
    subject: async () => {
      const start = Bun.nanoseconds();
      await updateFile(path, setTerminalSize("rows", (rows = (rows + 1) % 256)), {
        read: verifiedReader({}),
      });
      return Bun.nanoseconds() - start;
    },
    floor: async () => {
      const start = Bun.nanoseconds();
      await withLock(folder, () => {
        const old = openSync(bare, "r");
        readSync(old, scratch, 0, scratch.length, 0);
        closeSync(old);
        const descriptor = openSync(temporary, "wx");
        writeSync(descriptor, bytes);
        fsyncSync(descriptor);
        closeSync(descriptor);
        renameSync(temporary, bare);
        const parent = openSync(folder, "r");
        fsyncSync(parent);
        closeSync(parent);
      });
      return Bun.nanoseconds() - start;
    },
  });
  check(load(path).terminal.rows === rows, "the last write is not in the file");
  allHold = printComparison("a durable write / its bare system calls", result, 1.2) && allHold;
}

async function benchGet(): Promise<void> {
  const empty = writeProgram("empty.ts", "");
  const cli = join(folder, "node_modules", "immuconfig", "dist", "cli", "config.js");
  const get = [process.execPath, cli, "get", "version", "--file", path];
  const said = Bun.spawnSync(get).stdout.toString();
  check(said === "1\n", `get version printed ${JSON.stringify(said)}`);
  const result = await compare(quick ? 2 : 100, {
    subject: () => runProcess(get),
    floor: () => runProcess([process.execPath, empty]),
  });
  allHold = printComparison("bun-config get version / bun empty.ts", result, 1.3) && allHold;
}

/** The wall time of a process that must end well, in nanoseconds. */
function runProcess(command: string[]): number {
  const start = Bun.nanoseconds();
  const { exitCode } = Bun.spawnSync(command, {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const time = Bun.nanoseconds() - start;
  check(exitCode === 0, `${command.join(" ")} exited with ${exitCode}`);
  return time;
}
