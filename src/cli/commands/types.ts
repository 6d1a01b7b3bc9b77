import { basename, dirname, join, resolve } from "node:path";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
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
      const state = existing === undefined ? "does not exist" : "is out of date";
      context.out.done(
        { file: path, out, current, changed: false },
        current ? `${out} is up to date` : `${out} ${state}: write it with \`bun-config types\``,
      );
      return current ? EXIT.done : EXIT.failed;
    }
    if (!current) await writeText(out, text, existing);
    context.out.done(
      { file: path, out, current: true, changed: !current },
      current ? `${out} is up to date` : `Wrote ${out}`,
    );
    return EXIT.done;
  },
};
