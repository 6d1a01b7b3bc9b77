/** What threads of the server do: what would keep its one loop from answering. */

import { checkAuditRow } from "../domain/audit_chain.ts";
import { readChainPiece } from "./chain_piece.ts";
import { TASK } from "./messages.ts";
import { serveRing } from "./serve_ring.ts";

serveRing(({ kind, payload }) => {
  if (kind !== TASK.chain) throw new Error(`there is no task of kind ${kind}`);
  const { head, rows } = readChainPiece(payload);
  let last = head;
  for (const row of rows) last = checkAuditRow(last, row);
});
