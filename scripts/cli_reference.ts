// Writes what the commands say of themselves into docs/cli/: a page a command, with its usage between
// two marks, and the index. With --check it changes nothing and fails when a page has drifted.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GROUPS, type ListedCommand, loadCommands } from "../src/cli/listing.ts";
import { installedCompanion } from "../src/cli/companions.ts";
import { commandHelp } from "../src/cli/output/help.ts";

const FOLDER = join(import.meta.dir, "..", "docs", "cli");
const USAGE = /<!-- usage -->[^]*?<!-- end -->/;
const INDEX = /<!-- commands -->[^]*?<!-- end -->/;

/** Pages that are no command's. */
const OTHERS = ["README.md", "common.md"];

/**
 * @returns pages that differ from the commands, by name, as they should be; `undefined` for a page
 *   of a command that is no more
 */
export async function driftedPages(): Promise<Map<string, string | undefined>> {
  const commands = await loadCommands({ companion: installedCompanion });
  const drifted = new Map<string, string | undefined>();
  for (const command of commands) {
    const name = `${command.name}.md`;
    const page = existsSync(join(FOLDER, name)) ? readPage(name) : newPage(command.name);
    const wanted = page.replace(USAGE, () => usageBlock(command));
    if (wanted !== page || !existsSync(join(FOLDER, name))) drifted.set(name, wanted);
  }
  const index = readPage("README.md");
  const wanted = index.replace(INDEX, () => indexBlock());
  if (wanted !== index) drifted.set("README.md", wanted);
  const known = new Set([...OTHERS, ...commands.map(({ name }) => `${name}.md`)]);
  for (const name of readdirSync(FOLDER)) if (!known.has(name)) drifted.set(name, undefined);
  return drifted;
}

function readPage(name: string): string {
  return readFileSync(join(FOLDER, name), "utf8");
}

function newPage(name: string): string {
  return `# bun-config ${name}\n\n<!-- usage --><!-- end -->\n`;
}

/** The help without the options that all commands share: common.md has them. */
function usageBlock(command: ListedCommand): string {
  const help = commandHelp(command).replace(/Global options:\n[^]*?\n\n/, "");
  return `<!-- usage -->\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n\n<!-- end -->`;
}

function indexBlock(): string {
  const groups = Object.entries(GROUPS).map(([group, listed]) => {
    const lines = Object.entries(listed).map(
      ([name, summary]) => `- [${name}](${name}.md): ${summary}`,
    );
    return `**${group}**\n\n${lines.join("\n")}`;
  });
  return `<!-- commands -->\n\n${groups.join("\n\n")}\n\n<!-- end -->`;
}

if (import.meta.main) {
  const drifted = await driftedPages();
  if (process.argv.includes("--check") && drifted.size > 0) {
    throw new Error(
      `docs/cli/ has drifted (${[...drifted.keys()].join(", ")}): run bun scripts/cli_reference.ts`,
    );
  }
  for (const [name, text] of drifted) {
    if (text === undefined) throw new Error(`docs/cli/${name} is of no command: remove it`);
    writeFileSync(join(FOLDER, name), text);
  }
}
