/** The texts of --help. */

import { GLOBAL_OPTIONS, type OptionSpec } from "../args/arguments.ts";
import type { Command } from "../command.ts";

const COLUMN = 30;

export function commandHelp(command: Command): string {
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

export function overview(commands: readonly Command[]): string {
  return [
    "bun-config: one sealed record of a Bun project's configuration",
    "",
    "Usage:",
    "  bun-config COMMAND [OPTIONS]",
    "",
    "Commands:",
    ...commands.map(({ name, summary }) => `  ${name.padEnd(COLUMN - 16)}${summary}`),
    "",
    "Global options:",
    ...Object.entries(GLOBAL_OPTIONS).map(optionLine),
    `  ${"--version".padEnd(COLUMN)}print the version of immuconfig`,
    "",
    "Examples:",
    "  bun-config init                     pin the configuration of this project",
    "  bun-config feature enable DEBUG     switch a flag on",
    "  bun-config get features.DEBUG       read it",
    "  bun-config COMMAND --help           more about a command",
    "",
    "Exit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 integrity, 5 refused, 6 busy",
  ].join("\n");
}

function optionLine([name, spec]: [string, OptionSpec]): string {
  const short = spec.short === undefined ? "" : `-${spec.short}, `;
  const value = spec.value === undefined ? "" : ` ${spec.value}`;
  const words = `${short}--${name}${value}`;
  // A long option stands on a line of its own.
  const gap = words.length < COLUMN ? "" : `\n${" ".repeat(COLUMN + 2)}`;
  return `  ${words.padEnd(gap === "" ? COLUMN : 0)}${gap}${spec.summary}`;
}
