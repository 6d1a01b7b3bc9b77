/** @jsxImportSource preact */
import { useEffect, useRef, useState } from "preact/hooks";
import { textOf, wordsOf } from "./forms.ts";
import { clearOverride, type Environment, type Flag, setOverride } from "./client.ts";

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
  /** `true` when something has changed. */
  readonly onClose: (changed: boolean) => void;
}

/** Asks for the reason, and the end, of a switch; or for the reason to take one back. */
export function SwitchDialog({ environment, flag, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const back = flag.override !== null;
  const next = !flag.enabled;
  const title = back
    ? `Give ${flag.name} back to the record`
    : `Switch ${flag.name} ${next ? "on" : "off"}`;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const reason = textOf(data, "reason");
    const after = ENDS[Number(data.get("end"))]?.after ?? null;
    setBusy(true);
    try {
      if (back) await clearOverride(environment, flag.name, reason);
      else {
        const until = after === null ? null : Date.now() + after;
        await setOverride(environment, flag.name, { enabled: next, until, reason });
      }
      onClose(true);
    } catch (error) {
      setFault(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="switch-title" onClose={() => onClose(false)}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="switch-title">
          {title} in {environment.project}/{environment.environment}
        </h2>
        <label>
          Why
          <input name="reason" required maxLength={200} autocomplete="off" />
        </label>
        {back ? null : (
          <label>
            Ends
            <select name="end">
              {ENDS.map(({ text }, index) => (
                <option value={index}>{text}</option>
              ))}
            </select>
          </label>
        )}
        <p class="bad" role="alert">
          {fault}
        </p>
        <div class="row">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button class="main" disabled={busy}>
            {back ? "Give it back" : `Switch ${next ? "on" : "off"}`}
          </button>
        </div>
      </form>
    </dialog>
  );
}
