// What a clone's files say is printed without what drives a terminal, and forges no line.
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { command, PROCESS_TESTS_TIMEOUT_MS, writeFiles } from "../support/cli.ts";
import { PLAIN_FILE, writeConfigFile } from "../support/config_files.ts";
import { run } from "../support/run.ts";
import { useTemporaryFolders } from "../support/temp.ts";

setDefaultTimeout(PROCESS_TESTS_TIMEOUT_MS);

const temporaryFolder = useTemporaryFolders();

/** A title, letters in another order, a control of one byte, and a line of its own. */
const EVIL = "\u001b]0;evil\u0007\u202e\u009b2J\nFORGED";
/** The same where a parser undoes escapes. */
const ESCAPED = JSON.stringify(EVIL).slice(1, -1);
const UNSAFE = /(?![\t\n])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|^FORGED/mu;

const SOURCE = 'import { feature } from "bun:bundle";\nif (feature("NO")) console.log(1);\n';
const FILES: readonly (readonly [place: string, text: string])[] = [
  ["package.json", `{"name":"x${ESCAPED}","scripts":{"a${ESCAPED}":"bun run ${ESCAPED}"}}`],
  ["package.json", `{"name":"x","workspaces":["p${ESCAPED}"],"dependencies":{"${ESCAPED}":"1"}}`],
  ["package.json", `{"name": ${EVIL}}`],
  ["bunfig.toml", `preload = ["${ESCAPED}"]\n[install]\nregistry = "http://${ESCAPED}/"\n`],
  ["bunfig.toml", `a = ${EVIL}`],
  [".npmrc", `registry=http://x${EVIL}\n@a${EVIL}:registry=${EVIL}\n`],
  [".env", `NPM_CONFIG_REGISTRY="http://x${EVIL}"\n`],
  ["bun.lock", `{"lockfileVersion": ${EVIL}}`],
  ["bun.lock", `{"lockfileVersion":1,"workspaces":{"":{}},"packages":{"a${ESCAPED}":["a@1"]}}`],
  ["tsconfig.json", `{"extends":"./${ESCAPED}","include":["${ESCAPED}"]}`],
  ["nx.json", `{"targetDefaults":{"${ESCAPED}":{"inputs":["${ESCAPED}"]}}}`],
  ["turbo.json", `{"tasks":{"${ESCAPED}":{}}}`],
  [".gitignore", `bunfig.lockb\n*.lock?\u001b[2J\n`],
  [".gitattributes", `*.lockb diff=\u001b[2J\n`],
  ["bunfig.lockb", EVIL.repeat(9)],
  ["src/app.ts", SOURCE.replace("NO", ESCAPED)],
  ["src/app.ts", `${SOURCE}${EVIL}`],
  [`src/a${EVIL}.ts`, SOURCE],
];

test.each(FILES)("%j", async (place, text) => {
  const cwd = temporaryFolder();
  writeConfigFile(cwd, PLAIN_FILE);
  await run(["git", "init", "--quiet"], { cwd });
  writeFiles(cwd, { "package.json": '{"name":"x"}', "src/app.ts": SOURCE, [place]: text });
  const lines = ["init --dry-run", "doctor", "verify", "inspect", "registry", "lock", "install"];
  let said = "";
  for (const line of [...lines, "check src", "types", "git-setup"]) {
    for (const words of [line.split(" "), ["--json", ...line.split(" ")]]) {
      const { stdout, stderr } = await command(words, { cwd, env: { HOME: join(cwd, "home") } });
      expect([words, UNSAFE.exec(stdout)?.[0], UNSAFE.exec(stderr)?.[0]]).toEqual([
        words,
        undefined,
        undefined,
      ]);
      said += stdout + stderr;
    }
  }
  expect(said).not.toContain("unexpected:");
});
