import { changeText, describeChanges } from "../../../format/describe/changes.ts";
import { adoptFile } from "../../../store/update.ts";
import { verifiedReader, verifyBytes } from "../../../trust/verified.ts";
import type { Command } from "../../command.ts";
import { requireYes } from "../../prompt/agree.ts";
import { open, refusePinned } from "../../files/project_file.ts";
import {
  ADDRESS_OPTIONS,
  type AddressRequest,
  noRecord,
  parseAddress,
  planeClient,
} from "./address.ts";

const HINT = "The file here is as it was: push a whole one there, bun-config push.";

export interface PullRequest extends AddressRequest {
  /** Whether to write without asking. */
  readonly yes: boolean;
}

export const pullCommand: Command<PullRequest> = {
  usage: ["[--server URL] [--project NAME] [--env NAME] [--yes]"],
  options: {
    ...ADDRESS_OPTIONS,
    yes: { short: "y", summary: "write without asking" },
  },
  examples: ["bun-config pull --env live", "bun-config pull --env live --yes --json"],
  parse(args) {
    args.exactly([]);
    return { ...parseAddress(args), yes: args.has("yes") };
  },
  async run(context, request) {
    const { out, env } = context;
    const { path, file } = open(context);
    const client = planeClient(context, request, file);
    const bytes = await client.record();
    if (bytes === undefined) throw noRecord(client);
    // Believed for the place where they are to stand.
    const pulled = verifyBytes(bytes, path, env, { origin: { name: client.name, hint: HINT } });
    const changes = describeChanges(file, pulled);
    if (changes.length === 0) {
      out.done({ pulled: false, changes: [] }, `the file is what ${client.name} has`);
      return;
    }
    refusePinned(context, path);
    for (const change of changes) out.note(`  ${changeText(change)}`);
    await requireYes(context, request.yes, `Write this to ${path}?`);
    await adoptFile(path, bytes, { read: verifiedReader(env) });
    const { generation } = pulled;
    out.done(
      { pulled: true, generation, changes },
      `pulled generation ${generation} from ${client.name}`,
    );
  },
};
