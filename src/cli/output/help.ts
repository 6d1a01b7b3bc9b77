/** The texts of --help. Pure. */

import { GLOBAL_OPTIONS, type OptionSpec } from "../args/words.ts";
import { GROUPS, type ListedCommand } from "../listing.ts";

const OPTION_COLUMN = 30;
const NAME_COLUMN = 14;

export function commandHelp(command: ListedCommand): string {
  const lines = [
    command.summary,
    "",
    "Usage:",
    ...command.usage.map((form) => `  bun-config ${command.name} ${form}`.trimEnd()),
    "",
  ];
  const own = Object.entries(command.options ?? {});
  if (own.length > 0) lines.push("Options:", ...own.map(optionLine), "");
  lines.push("Global options:", ...Object.entries(GLOBAL_OPTIONS).map(optionLine), "");
  lines.push("Examples:", ...command.examples.map((example) => `  ${example}`));
  return lines.join("\n");
}

export function overview(): string {
  const groups = Object.entries(GROUPS).flatMap(([group, commands]) => [
    `${group}:`,
    ...Object.entries(commands).map(([name, summary]) => `  ${name.padEnd(NAME_COLUMN)}${summary}`),
    "",
  ]);
  return [
    "bun-config: one sealed record of a Bun project's configuration",
    "",
    "Usage:",
    "  bun-config COMMAND [OPTIONS]",
    "",
    ...groups,
    "Global options:",
    ...Object.entries(GLOBAL_OPTIONS).map(optionLine),
    `  ${"-v, --version".padEnd(OPTION_COLUMN)}print the version of immuconfig`,
    "",
    "Examples:",
    "  bun-config init                     pin the configuration of this project",
    "  bun-config feature enable DEBUG     switch a flag on",
    "  bun-config get features.DEBUG       read it",
    "  bun-config COMMAND --help           more about a command",
    "",
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 integrity, 5 refused, 6 busy, 7 incomplete",
  ].join("\n");
}

function optionLine([name, spec]: [string, OptionSpec]): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  const value = spec.value === undefined ? "" : ` ${spec.value}`;
  const words = `${short}--${name}${value}`;
  // A long option stands on a line of its own.
  const gap = words.length < OPTION_COLUMN ? "" : `\n${" ".repeat(OPTION_COLUMN + 2)}`;
  return `  ${words.padEnd(gap === "" ? OPTION_COLUMN : 0)}${gap}${spec.summary}`;
}
