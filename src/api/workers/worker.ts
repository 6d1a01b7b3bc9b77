/** What threads of the server do: what would keep its one loop from answering. */

import { checkAuditRow } from "../domain/audit_chain.ts";
import { buildApart, unpackSources } from "../ledgers/sandbox.ts";
import { readBuildTask } from "../ledgers/build_json.ts";
import { signPortion } from "./bulk_signatures.ts";
import { readChainPiece } from "./chain_piece.ts";
import { TASK } from "./messages.ts";
import { serveRing } from "./serve_ring.ts";

serveRing(({ kind, payload }) => {
  switch (kind) {
    case TASK.chain:
      return checkChain(payload);
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

function checkChain(payload: Uint8Array): void {
  const { head, rows } = readChainPiece(payload);
  let last = head;
  for (const row of rows) last = checkAuditRow(last, row);
}
