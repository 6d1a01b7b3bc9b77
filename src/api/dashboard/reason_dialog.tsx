/** @jsxImportSource preact */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { textOf, wordsOf } from "./forms.ts";

interface Props {
  readonly title: string;
  /** What the button that does it says. */
  readonly verb: string;
  /** Fields beside the reason. */
  readonly children?: ComponentChildren;
  readonly onSubmit: (reason: string, data: FormData) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks for a reason before something is done; what the server refuses stands in the dialog. */
export function ReasonDialog({ title, verb, children, onSubmit, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await onSubmit(textOf(data, "reason"), data);
      onClose();
    } catch (error) {
      setFault(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="dialog-title">{title}</h2>
        <label>
          Why
          <input name="reason" required maxLength={200} autocomplete="off" />
        </label>
        {children}
        <p class="bad" role="alert">
          {fault}
        </p>
        <div class="row">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button class="main" disabled={busy}>
            {verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}
