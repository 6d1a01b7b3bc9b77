// Writes the usage of every command into docs/cli.md, between the markers, from the commands
// themselves. With --check it changes nothing and fails when the page has drifted.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ListedCommand, LISTING, loadCommands } from "../src/cli/listing.ts";
import { commandHelp, overview } from "../src/cli/output/help.ts";

const PAGE = join(import.meta.dir, "..", "docs", "cli.md");

/** The page with today's usage blocks; a command without a section gets one at the end. */
export function withUsage(page: string, commands: readonly ListedCommand[]): string {
  const blocks = new Map<string, string>(
    commands.map((command) => [command.name, ownHelp(command)]),
  );
  blocks.set("bun-config", overview(LISTING));
  let text = page;
  for (const [name, help] of blocks) {
    const block = `<!-- usage: ${name} -->\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n\n<!-- end -->`;
    const existing = new RegExp(`<!-- usage: ${name} -->[^]*?<!-- end -->`);
    if (existing.test(text)) text = text.replace(existing, () => block);
    else text += `\n### ${name}\n\n${block}\n`;
  }
  return text;
}

/** The help without the options that all commands share: the overview has them. */
function ownHelp(command: ListedCommand): string {
  return commandHelp(command).replace(/Global options:\n[^]*?\n\n/, "");
}

/** Commands that the page describes and that are no more. */
export function unknownCommands(page: string, commands: readonly ListedCommand[]): string[] {
  const known = new Set<string>(["bun-config", ...commands.map(({ name }) => name)]);
  const described = [...page.matchAll(/<!-- usage: (\S+) -->/g)].map((match) => match[1] ?? "");
  return described.filter((name) => !known.has(name));
}

if (import.meta.main) {
  const commands = await loadCommands();
  const page = readFileSync(PAGE, "utf8");
  const wanted = withUsage(page, commands);
  if (process.argv.includes("--check")) {
    if (wanted !== page)
      throw new Error("docs/cli.md has drifted: run bun scripts/cli_reference.ts");
  } else if (wanted !== page) {
    writeFileSync(PAGE, wanted);
  }
}
