import type { Command } from "../../command.ts";
import {
  generatedFileOptions,
  type GenerateRequest,
  parseGenerate,
  writeGeneratedFile,
} from "../../files/generated_file.ts";
import { isTypesText, TYPES_NAME } from "../../files/type_declarations.ts";
import { defaultTypesFile, findTypesFiles, typesText } from "../../files/types_file.ts";

export const typesCommand: Command<GenerateRequest> = {
  usage: ["[--out FILE] [--check]"],
  options: generatedFileOptions(TYPES_NAME),
  examples: ["bun-config types", "bun-config types --check        # in CI"],
  parse: parseGenerate,
  run: (context, request) =>
    writeGeneratedFile(context, request, {
      command: "types",
      // Those that are there are kept up to date, wherever --out put them.
      targets: (path) => {
        const found = findTypesFiles(path);
        return found.length === 0 ? [defaultTypesFile(path)] : found;
      },
      isOurs: isTypesText,
      generate: typesText,
    }),
};
