/**
 * What `init` adds to a project's `postinstall`: importing it creates or verifies the record. Any Node
 * from 12 must be able to read this file, and one that could not run the rest steps aside: so there is
 * nothing newer than ES2019 in here, and the rest is loaded when it is asked for.
 */

const { bun, node } = process.versions;
/** The first Node with all that the rest needs. */
const MINIMUM = [20, 16];
const [major, minor] = node.split(".").map(Number);
const isEnough =
  major !== undefined &&
  minor !== undefined &&
  (major > Number(MINIMUM[0]) || (major === MINIMUM[0] && minor >= Number(MINIMUM[1])));

// Top-level await is newer than what may read this.
async function lookAtRecord(): Promise<void> {
  const { bootstrapAtInstall } = await import("./bootstrap.ts");
  const { text, exitCode } = bootstrapAtInstall({ cwd: process.cwd(), env: process.env });
  if (text !== undefined) console.error(`immuconfig: ${text}`);
  process.exitCode = exitCode;
}

if (bun !== undefined || isEnough) void lookAtRecord();
else {
  console.error(
    `immuconfig: Node ${node} is too old to look at the record, so it was not looked at`,
  );
}
