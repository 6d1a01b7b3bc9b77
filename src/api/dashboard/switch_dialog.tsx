/** @jsxImportSource preact */
import { needsApproval, wish } from "./change_client.ts";
import { parseShares } from "../../base/shares.ts";
import type { WavePlan } from "../../base/shares.ts";
import { type Action, type Environment, type Flag, nameOf } from "./client.ts";
import type { FlagAct } from "./flag_acts.ts";
import { FormDialog, Reason, textOf } from "./forms.tsx";
import { Meanwhile } from "./meanwhile.tsx";
import { timeOf, When } from "./when.tsx";

const HOUR = 60 * 60 * 1000;
const ENDS = [
  { text: "In an hour", after: HOUR },
  { text: "In a day", after: 24 * HOUR },
  { text: "In a week", after: 7 * 24 * HOUR },
  { text: "Not by itself", after: null },
] as const;

interface Props {
  readonly environment: Environment;
  readonly flag: Flag;
  readonly act: FlagAct;
  readonly onClose: () => void;
}

/** Asks for the reason, the time and the end of a switch; or for the reason to take one back. */
export function SwitchDialog({ environment, flag, act, onClose }: Props) {
  const { name } = flag;
  const isBack = act.kind === "give_back";
  const next = act.kind === "switch" && act.enabled;
  const what = isBack ? `Give ${name} back to the record` : `Switch ${name} ${next ? "on" : "off"}`;
  const submit = (data: FormData): Promise<unknown> => {
    const reason = textOf(data, "reason");
    const at = timeOf(data);
    if (isBack) return wish(environment, { action: { kind: "give_back", flag: name }, reason, at });
    const after = ENDS[Number(data.get("end"))]?.after ?? null;
    const until = after === null ? null : (at ?? Date.now()) + after;
    const waves = textOf(data, "waves");
    const change = { flag: name, enabled: next, until };
    const action: Action =
      waves === ""
        ? { kind: "switch", ...change }
        : { kind: "roll_out", ...change, ...planOf(waves, data) };
    return wish(environment, { action, reason, at });
  };
  return (
    <FormDialog
      title={`${what} in ${nameOf(environment)}`}
      verb={
        needsApproval(environment)
          ? "Ask for it"
          : isBack
            ? "Give it back"
            : `Switch ${next ? "on" : "off"}`
      }
      onSubmit={submit}
      onClose={onClose}
    >
      {isBack ? <p>It is {flag.recorded ? "on" : "off"} then, as the record says.</p> : null}
      <Meanwhile environment={environment} flag={flag} />
      <Reason />
      <When environment={environment} />
      {isBack ? null : (
        <>
          <label>
            Ends
            <select name="end">
              {ENDS.map(({ text }, index) => (
                <option value={index}>{text}</option>
              ))}
            </select>
          </label>
          {environment.frozen === null ? <WaveFields /> : null}
        </>
      )}
    </FormDialog>
  );
}

/** How a switch reaches the hosts, for those who want it to do so one after the other. */
function WaveFields() {
  return (
    <details>
      <summary>In waves over the hosts</summary>
      <label>
        Shares (empty: all at once)
        <input name="waves" placeholder="1%, 10%, 50%, 100%" autocomplete="off" />
      </label>
      <label>
        Minutes between two waves
        <input name="minutes" type="number" min="1" max="43200" value="10" />
      </label>
      <label>
        Halt where this address is not well (empty: none)
        <input name="halt-if" type="url" autocomplete="off" />
      </label>
    </details>
  );
}

function planOf(waves: string, data: FormData): WavePlan {
  const haltIf = textOf(data, "halt-if");
  return {
    shares: parseShares(waves),
    everyMs: Number(textOf(data, "minutes")) * 60_000,
    haltIf: haltIf === "" ? null : haltIf,
  };
}
