/** Files that commands write from the record: `types`, `zig-flags`. */

import { resolve } from "node:path";
import { ImmuconfigError } from "../../base/errors.ts";
import type { File } from "../../format/file.ts";
import type { CommandArguments, OptionSpec } from "../args/arguments.ts";
import type { Context } from "../command.ts";
import { EXIT } from "../../base/exit_codes.ts";
import { open } from "./project_file.ts";
import { readText, writeText } from "./text_file.ts";

export interface GeneratedFile {
  /** The command that writes it, for messages. */
  readonly command: string;
  /** Where to, where `--out` says nothing. */
  readonly targets: (path: string) => readonly string[];
  /** Whether a text is one that the command wrote: any other is somebody's. */
  readonly isOurs: (text: string) => boolean;
  /** The text for `out`. */
  readonly generate: (file: File, path: string, out: string) => string;
}

/** The options of every such command. */
export function generatedFileOptions(defaultName: string): Record<string, OptionSpec> {
  return {
    out: { value: "FILE", summary: `where to (default: ${defaultName} beside the file)` },
    check: { summary: "write nothing; exit 1 when it is out of date" },
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

/**
 * Writes the files, or says with `--check` whether they are up to date.
 *
 * @throws ImmuconfigError `ERR_EXISTS` for a file of somebody's; `ERR_READ`, `ERR_WRITE`
 */
export async function writeGeneratedFile(
  context: Context,
  { out: named, check }: GenerateRequest,
  { command, targets, isOurs, generate }: GeneratedFile,
): Promise<number> {
  const { path, file } = open(context);
  const paths = named === undefined ? targets(path) : [resolve(context.cwd, named)];
  const lines: string[] = [];
  let isCurrent = true;
  let isChanged = false;
  for (const out of paths) {
    const text = generate(file, path, out);
    const existing = readText(out);
    if (existing === text) {
      lines.push(`${out} is up to date`);
    } else if (check) {
      const state = existing === undefined ? "does not exist" : "is out of date";
      lines.push(`${out} ${state}: write it with \`bun-config ${command}\``);
      isCurrent = false;
    } else {
      if (existing !== undefined && existing.trim() !== "" && !isOurs(existing)) {
        throw new ImmuconfigError(
          "ERR_EXISTS",
          `${out} is not what \`bun-config ${command}\` wrote`,
          {
            hint: "Name another file with --out, or take this one away.",
          },
        );
      }
      await writeText(out, text, existing);
      lines.push(`Wrote ${out}`);
      isChanged = true;
    }
  }
  const [out = ""] = paths;
  context.out.done(
    { file: path, out, files: [...paths], current: isCurrent, changed: isChanged },
    lines.join("\n"),
  );
  return isCurrent ? EXIT.done : EXIT.failed;
}
