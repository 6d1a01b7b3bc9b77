import { basename, dirname, join, resolve } from "node:path";
import { ImmuconfigError } from "../../errors.ts";
import type { Command } from "../command.ts";
import { open } from "../project_file.ts";
import { readText, writeText } from "../text_file.ts";
import { TYPES_NAME, typeDeclarations } from "../type_declarations.ts";

export const typesCommand: Command = {
  name: "types",
  summary: "write typed flag names for config, Bun.config and bun:bundle",
  usage: ["[--out FILE] [--check]"],
  options: {
    out: {
      type: "string",
      value: "FILE",
      summary: `where to (default: ${TYPES_NAME} beside the file)`,
    },
    check: { type: "boolean", summary: "write nothing; exit 1 when it is out of date" },
  },
  examples: ["bun-config types", "bun-config types --check        # in CI"],
  async run(context, args) {
    args.exactly([]);
    const { path, file } = open(context, args);
    const named = args.value("out");
    const out = named === undefined ? join(dirname(path), TYPES_NAME) : resolve(context.cwd, named);
    const text = typeDeclarations(file, basename(path));
    const existing = readText(out);
    const current = existing === text;
    if (args.has("check")) {
      if (!current) throw outOfDate(out, existing === undefined);
      context.out.done({ file: path, out, changed: false }, `${out} is up to date`);
      return;
    }
    if (!current) await writeText(out, text, existing);
    context.out.done(
      { file: path, out, changed: !current },
      current ? `${out} is up to date` : `Wrote ${out}`,
    );
  },
};

function outOfDate(out: string, isMissing: boolean): ImmuconfigError {
  const state = isMissing ? "does not exist" : "is out of date";
  return new ImmuconfigError("ERR_CONFLICT", `${out} ${state}`, {
    hint: "Write it with `bun-config types`.",
  });
}
