// Reads a flag before and after something was done to the segment; told when by its input.
import { openLive } from "../../../src/live/view.ts";

const live = await openLive(process.env["IMMUCONFIG_FILE"] ?? "", { env: process.env });

function report(): void {
  // Enough reads for the compiler, whose loads must survive as well.
  let on = 0;
  for (let i = 0; i < 200_000; i++) if (live.features["A"]) on++;
  const { A } = live.pin().features;
  process.stdout.write(`${JSON.stringify({ on, pinned: A, mode: live.mode })}\n`);
}

report();
for await (const line of console) {
  if (line === "files") live.snapshot();
  report();
}
process.exit();
