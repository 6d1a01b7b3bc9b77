import { dirname } from "node:path";
import { printable } from "../../../base/text.ts";
import { DEFAULT_SCOPE } from "../../../format/meta.ts";
import { registriesInForce } from "../../../registry/in_force.ts";
import { realFilePath } from "../../../store/real_path.ts";
import { registryDrift } from "../../../trust/gate/checks.ts";
import type { Command } from "../../command.ts";
import { open } from "../../files/project_file.ts";

export const registryCommand: Command<void> = {
  usage: [""],
  examples: ["bun-config registry", "bun-config registry --json"],
  parse: (args) => void args.exactly([]),
  run(context) {
    const { path, file } = open(context);
    const pinned = file.meta.registries ?? {};
    const found = registriesInForce(context, dirname(realFilePath(path)), true);
    const lines = found.flatMap(({ scope, url, source, overruled }) => [
      `${nameOf(scope)}: ${url}`,
      `  from ${printable(source)}`,
      ...overruled.map((claim) => `  over ${claim.url} of ${printable(claim.source)}`),
      `  pinned: ${pinned[scope] ?? pinned[DEFAULT_SCOPE] ?? "none"}`,
    ]);
    const drift = registryDrift(found, pinned);
    context.out.data({ registries: found, pinned, agrees: drift.length === 0 }, lines.join("\n"));
    if (drift.length > 0) {
      context.out.note(`note: a plain install would not ask what is pinned:\n${drift.join("\n")}`);
    }
  },
};

function nameOf(scope: string): string {
  return scope === DEFAULT_SCOPE ? "packages without a scope" : scope;
}
