import { bootstrap } from "../../../bootstrap.ts";
import type { Command } from "../../command.ts";
import { formatDuration } from "../../../base/units.ts";

export interface BootstrapRequest {
  /** Of a new file. */
  readonly registry: string | undefined;
}

export const bootstrapCommand: Command<BootstrapRequest> = {
  usage: ["[--registry URL]"],
  options: {
    registry: { value: "URL", summary: "the registry of a new file" },
  },
  examples: [
    "bun-config bootstrap",
    "bun-config bootstrap --registry https://registry.example.test",
  ],
  parse(args) {
    args.exactly([]);
    return { registry: args.value("registry") };
  },
  run({ cwd, env, file, out }, { registry }) {
    const result = bootstrap({ cwd, env, file }, registry);
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
