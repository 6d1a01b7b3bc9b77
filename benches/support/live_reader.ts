// The other process of live_bench.ts: live_reader.ts HOW FOLDER [PORT]. Whenever the watched thing
// turns, it notes the time in the shared file "seen" and counts up, until it is killed.
import { readFileSync, watch } from "node:fs";
import { join } from "node:path";
import { openLive } from "../../src/live/view.ts";
import { monotonicNs } from "./clock.ts";
import { SeenFile } from "./seen_file.ts";

const [how = "", folder = "", port = ""] = process.argv.slice(2);
const seen = new SeenFile(folder);
const watched = join(folder, "watched");
/** It is killed before; this bounds it where the other process has died. */
const SPIN_MS_MAX = 30_000;
const LOOKS_A_CLOCK = 1_000_000;

const WAYS: Readonly<Record<string, () => void | Promise<void>>> = {
  spin,
  look,
  watch: watchFile,
  poll,
  socket,
};
await WAYS[how]?.();
seen.isReady = true;

/** Reads the flag and does nothing else: no turn of the event loop comes between two looks. */
async function spin(): Promise<void> {
  const live = await openLive(join(folder, "bunfig.lockb"), { env: process.env });
  let before = live.features["A"];
  seen.isReady = true;
  const end = performance.now() + SPIN_MS_MAX;
  while (performance.now() < end) {
    for (let i = 0; i < LOOKS_A_CLOCK; i++) {
      const flag = live.features["A"];
      if (flag === before) continue;
      before = flag;
      seen.note(monotonicNs());
    }
  }
}

/** Looks once a millisecond. */
async function look(): Promise<void> {
  const live = await openLive(join(folder, "bunfig.lockb"), { env: process.env });
  let before = live.features["A"];
  setInterval(() => {
    const flag = live.features["A"];
    if (flag === before) return;
    before = flag;
    seen.note(monotonicNs());
  }, 1);
}

function watchFile(): void {
  let before = readFileSync(watched, "utf8");
  watch(watched, () => {
    const text = readFileSync(watched, "utf8");
    if (text === before) return;
    before = text;
    seen.note(monotonicNs());
  });
}

/** Reads the file once a millisecond. */
function poll(): void {
  let before = readFileSync(watched, "utf8");
  setInterval(() => {
    const text = readFileSync(watched, "utf8");
    if (text === before) return;
    before = text;
    seen.note(monotonicNs());
  }, 1);
}

function socket(): Promise<void> {
  const connection = new WebSocket(`ws://127.0.0.1:${port}`);
  connection.addEventListener("message", () => seen.note(monotonicNs()));
  return new Promise((resolve) => {
    connection.addEventListener("open", () => resolve());
  });
}
