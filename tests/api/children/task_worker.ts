/** A thread of a pool that does what its task's bytes say: `wait MS`, `fail`, `die`, `die once FILE`, `note FILE`. */

import { appendFileSync, existsSync } from "node:fs";
import { serveRing } from "../../../src/api/workers/serve_ring.ts";

serveRing(({ payload }) => {
  const [word, value = "", file = ""] = new TextDecoder().decode(payload).split(" ");
  if (word === "wait") Bun.sleepSync(Number(value));
  if (word === "fail") throw new Error("it failed");
  if (word === "note") appendFileSync(value, "x");
  if (word === "die") {
    if (value === "once" && existsSync(file)) return;
    if (value === "once") appendFileSync(file, "x");
    process.exit(1);
  }
});
