/** `bun scripts/hostile_inputs.ts [COUNT]`: feeds each parser of foreign text that many inputs. */

import { SEED } from "../tests/support/properties.ts";
import { feed, PARSERS } from "../tests/trust/hostile_inputs.ts";

const count = Number(process.argv[2] ?? 1_000_000);
for (const [name, parser] of Object.entries(PARSERS)) {
  const { read, refused } = feed(parser, count, SEED ^ count);
  console.log(`${name.padEnd(14)} ${count} inputs: ${read} read, ${refused} refused`);
}
