// Loads the record, then lets a child process try to change it: the child is refused.
import { config } from "immuconfig";

const before = config.record;
const child = Bun.spawnSync(["bun-config", "set", "version", "0", "--allow-downgrade"], {
  stdio: ["ignore", "pipe", "pipe"],
});
console.log(JSON.stringify({ before, exitCode: child.exitCode, stderr: child.stderr.toString() }));
