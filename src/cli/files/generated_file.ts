/** Files that commands write from the record: `types`, `zig-flags`. */

import { basename, dirname, join, resolve } from "node:path";
import type { File } from "../../format/file.ts";
import type { CommandArguments, OptionSpec } from "../args/arguments.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../../base/exit_codes.ts";
import { open } from "./project_file.ts";
import { readText, writeText } from "./text_file.ts";

export interface GeneratedFile {
  /** The command that writes it, for messages. */
  readonly command: string;
  /** Beside the record, where `--out` names no other. */
  readonly defaultName: string;
  /** @param name of the record's file */
  readonly generate: (file: File, name: string) => string;
}

/** The options of every such command. */
export function generatedFileOptions(defaultName: string): Record<string, OptionSpec> {
  return {
    out: {
      type: "string",
      value: "FILE",
      summary: `where to (default: ${defaultName} beside the file)`,
    },
    check: { type: "boolean", summary: "write nothing; exit 1 when it is out of date" },
  };
}

export interface GenerateRequest {
  /** Where to; nothing for the default. */
  readonly out: string | undefined;
  /** Only say whether it is up to date. */
  readonly check: boolean;
}

export function parseGenerate(args: CommandArguments): GenerateRequest {
  args.exactly([]);
  return { out: args.value("out"), check: args.has("check") };
}

/** Writes the file, or says with `--check` whether it is up to date. */
export async function writeGeneratedFile(
  context: Context,
  { out: named, check }: GenerateRequest,
  { command, defaultName, generate }: GeneratedFile,
): Promise<number> {
  const { path, file } = open(context);
  const out = named === undefined ? join(dirname(path), defaultName) : resolve(context.cwd, named);
  const text = generate(file, basename(path));
  const existing = readText(out);
  const current = existing === text;
  if (check) {
    const state = existing === undefined ? "does not exist" : "is out of date";
    context.out.done(
      { file: path, out, current, changed: false },
      current ? `${out} is up to date` : `${out} ${state}: write it with \`bun-config ${command}\``,
    );
    return current ? EXIT.done : EXIT.failed;
  }
  if (!current) await writeText(out, text, existing);
  context.out.done(
    { file: path, out, current: true, changed: !current },
    current ? `${out} is up to date` : `Wrote ${out}`,
  );
  return EXIT.done;
}
