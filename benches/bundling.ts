// All that is measured about bundling, in one run: `bun run bench:build`. One bench after the other,
// also when a bound of an earlier one does not hold; with --quick each runs once, small.
import { join } from "node:path";

const BENCHES = ["adapters_bench.ts", "checker_bench.ts", "build_bench.ts"];

let allHold = true;
for (const bench of BENCHES) {
  const { exitCode } = Bun.spawnSync(
    [process.execPath, join(import.meta.dir, bench), ...process.argv.slice(2)],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  allHold &&= exitCode === 0;
}
process.exit(allHold ? 0 : 1);
