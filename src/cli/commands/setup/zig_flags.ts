import { dirname, join } from "node:path";
import { featureStates } from "../../../runtime/snapshot.ts";
import { isZigFlagsText, zigFlagsModule } from "../../../zig_import/flags_module.ts";
import type { Command } from "../../command.ts";
import {
  generatedFileOptions,
  type GenerateRequest,
  parseGenerate,
  writeGeneratedFile,
} from "../../files/generated_file.ts";

const FLAGS_NAME = "flags.zig";

export const zigFlagsCommand: Command<GenerateRequest> = {
  usage: ["[--out FILE] [--check]"],
  options: generatedFileOptions(FLAGS_NAME),
  examples: ["bun-config zig-flags --out src/flags.zig", "bun-config zig-flags --check"],
  parse: parseGenerate,
  run: (context, request) =>
    writeGeneratedFile(context, request, {
      command: "zig-flags",
      targets: (path) => [join(dirname(path), FLAGS_NAME)],
      isOurs: isZigFlagsText,
      generate: (file) => zigFlagsModule(featureStates(file, file.record.featureFlags)),
    }),
};
