import type { Command } from "../../command.ts";
import { generatedFileOptions, writeGeneratedFile } from "../../files/generated_file.ts";
import { TYPES_NAME, typeDeclarations } from "./type_declarations.ts";

export const typesCommand: Command = {
  name: "types",
  summary: "write typed flag names for config, Bun.config and bun:bundle",
  usage: ["[--out FILE] [--check]"],
  options: generatedFileOptions(TYPES_NAME),
  examples: ["bun-config types", "bun-config types --check        # in CI"],
  run: (context, args) =>
    writeGeneratedFile(context, args, {
      command: "types",
      defaultName: TYPES_NAME,
      generate: typeDeclarations,
    }),
};
