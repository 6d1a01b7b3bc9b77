import { bootstrap } from "../../../bootstrap.ts";
import type { Command } from "../../command.ts";
import { formatDuration } from "../../output/output.ts";

export const bootstrapCommand: Command = {
  name: "bootstrap",
  summary: "create the file if there is none, else verify it",
  usage: ["[--registry URL]"],
  options: {
    registry: { type: "string", value: "URL", summary: "the registry of a new file" },
  },
  examples: [
    "bun-config bootstrap",
    "bun-config bootstrap --registry https://registry.example.test",
  ],
  run(context, args) {
    args.exactly([]);
    const { cwd, env, out } = context;
    const result = bootstrap({ cwd, env, file: args.value("file") }, args.value("registry"));
    const { created, path, record, generation, nanoseconds } = result;
    const time = formatDuration(nanoseconds);
    out.done(
      { created, file: path, record, generation, nanoseconds: Math.round(nanoseconds) },
      created
        ? `Bootstrapped 13-byte config in ${time}: ${path}, record ${record}`
        : `${path} is valid: record ${record}, generation ${generation} (${time})`,
    );
  },
};
