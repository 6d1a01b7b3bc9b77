/** @jsxImportSource preact */
import { needsApproval } from "./change_client.ts";
import type { Environment } from "./client.ts";
import { textOf } from "./forms.tsx";
import { zoneText } from "./words.ts";

/** When a change is to be made, and by whom it is approved. */
export function When({ environment }: { readonly environment: Environment }) {
  return (
    <>
      {needsApproval(environment) ? <p class="quiet">Somebody else approves it.</p> : null}
      {environment.frozen === null ? (
        <label>
          When (empty: now)
          <input name="at" type="datetime-local" aria-describedby="zone" />
          <span id="zone" class="quiet">
            {zoneText()}
          </span>
        </label>
      ) : null}
    </>
  );
}

/** Milliseconds since 1970; null for now. */
export function timeOf(data: FormData): number | null {
  const begins = textOf(data, "at");
  return begins === "" ? null : new Date(begins).getTime();
}
