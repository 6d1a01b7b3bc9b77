/** What commands on the record cost over a Bun that does nothing. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTerminalSize } from "../../src/format/edit/set_fields.ts";
import { load } from "../../src/runtime/load.ts";
import { updateFile } from "../../src/store/update.ts";
import { verifiedReader } from "../../src/trust/verified.ts";
import { type BenchOptions, type Bound, extraBound, ratioBound } from "../support/bound.ts";
import {
  installedCommand,
  installPackages,
  removePackages,
  runProcess,
} from "../support/installed.ts";
import { check, compare } from "../support/measure.ts";

const GET_RATIO_MAX = 1.3;
const EXTRA_MS_MAX = 20;
const READING = [["verify"], ["feature", "list"]];
const WRITING = { set: ["terminal.rows", "30"], "feature enable": ["FLAG_0"] };

export async function commandBounds({ quick }: BenchOptions): Promise<Bound[]> {
  const folder = installPackages();
  const path = join(folder, "bunfig.lockb");
  const empty = join(folder, "empty.ts");
  writeFileSync(empty, "");
  const command = (words: readonly string[]) => [
    ...installedCommand(folder),
    ...words,
    "--file",
    path,
  ];
  // Whether programs of this host read live flags is another matter: here none does.
  const env = { IMMUCONFIG_RUNTIME_DIR: join(folder, "live") };
  const run = (words: readonly string[]) => runProcess(command(words), folder, env);
  const runEmpty = (): number => runProcess([process.execPath, empty], folder);
  try {
    const said = Bun.spawnSync(command(["get", "version"])).stdout.toString();
    check(said === "1\n", `get version printed ${JSON.stringify(said)}`);
    const get = { subject: () => run(["get", "version"]), floor: runEmpty };
    const bounds = [
      ratioBound(
        "bun-config get version / bun empty.ts",
        await compare(quick ? 2 : 100, get),
        GET_RATIO_MAX,
      ),
    ];
    for (const words of READING) {
      const result = await compare(quick ? 1 : 41, { subject: () => run(words), floor: runEmpty });
      bounds.push(extraBound(`bun-config ${words.join(" ")} / bun empty.ts`, result, EXTRA_MS_MAX));
    }
    for (const [name, rest] of Object.entries(WRITING)) {
      const before = readFileSync(path);
      const result = await compare(quick ? 1 : 41, {
        subject: () => {
          writeFileSync(path, before);
          return run([...name.split(" "), ...rest]);
        },
        floor: async () => runEmpty() + (await timedWrite(path)),
      });
      bounds.push(
        extraBound(`bun-config ${name} / bun empty.ts and the write`, result, EXTRA_MS_MAX),
      );
    }
    const { terminal, features } = load(path);
    check(terminal.rows !== 24 || features["FLAG_0"] === true, "nothing was written");
    return bounds;
  } finally {
    removePackages(folder);
  }
}

/** The write itself: locked, sealed, durable. */
async function timedWrite(path: string): Promise<number> {
  const rows = (load(path).terminal.rows + 1) % 256;
  const start = Bun.nanoseconds();
  await updateFile(path, setTerminalSize("rows", rows), { read: verifiedReader({}) });
  return Bun.nanoseconds() - start;
}
