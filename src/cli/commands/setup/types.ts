import type { Command } from "../../command.ts";
import {
  generatedFileOptions,
  type GenerateRequest,
  parseGenerate,
  writeGeneratedFile,
} from "../../files/generated_file.ts";
import { TYPES_NAME, typeDeclarations } from "./type_declarations.ts";

export const typesCommand: Command<GenerateRequest> = {
  usage: ["[--out FILE] [--check]"],
  options: generatedFileOptions(TYPES_NAME),
  examples: ["bun-config types", "bun-config types --check        # in CI"],
  parse: parseGenerate,
  run: (context, request) =>
    writeGeneratedFile(context, request, {
      command: "types",
      defaultName: TYPES_NAME,
      generate: typeDeclarations,
    }),
};
