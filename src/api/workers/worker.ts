/** What threads of the server do: what would keep its one loop from answering. */

import { buildApart, unpackSources } from "../ledgers/sandbox.ts";
import { readBuildTask } from "../ledgers/build_json.ts";
import { signPortion } from "./bulk_signatures.ts";
import { checkPiece } from "./chain_check.ts";
import { TASK } from "./messages.ts";
import { serveRing } from "./serve_ring.ts";

serveRing(({ kind, payload }) => {
  switch (kind) {
    case TASK.chain:
      return checkPiece(payload);
    case TASK.unpack:
      return unpackSources(new TextDecoder().decode(payload));
    case TASK.build: {
      const { folder, flags } = readBuildTask(payload);
      return buildApart(folder, JSON.stringify(flags));
    }
    case TASK.sign:
      return signPortion(payload);
    default:
      throw new Error(`there is no task of kind ${kind}`);
  }
});
