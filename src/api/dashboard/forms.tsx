/** @jsxImportSource preact */
import { messageOf } from "../../base/errors.ts";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

/** What stands in a field of a form. */
export function textOf(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}

interface Attempts {
  /** What went wrong the last time, for the person who waits. */
  readonly fault: string;
  /** While something is under way: nobody should ask for it twice. */
  readonly busy: boolean;
  /** @returns whether it was done */
  readonly attempt: (work: () => Promise<unknown>) => Promise<boolean>;
  /** Says what went wrong elsewhere, until something is done. */
  readonly blame: (fault: string) => void;
}

/** What is tried at the server, one at a time, and what it refuses. */
export function useAttempts(): Attempts {
  const [fault, blame] = useState("");
  const [busy, setBusy] = useState(false);
  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    try {
      await work();
      blame("");
      return true;
    } catch (error) {
      blame(messageOf(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { fault, busy, attempt, blame };
}

/** Where a page or a dialog says what went wrong; screen readers read it aloud. */
export function Fault({ text }: { readonly text: string }) {
  return (
    <p class="bad" role="alert">
      {text}
    </p>
  );
}

/** Why something is done: it stands in the history. */
export function Reason() {
  return (
    <label>
      Why
      <input name="reason" required maxLength={200} autocomplete="off" />
    </label>
  );
}

interface FormDialogProps {
  readonly title: string;
  /** What the button that does it says. */
  readonly verb: string;
  /** Another button that sends the form, under its own name. */
  readonly second?: { readonly name: string; readonly verb: string } | undefined;
  readonly wide?: boolean;
  readonly children?: ComponentChildren;
  /** @param data of the form, with the name of the second button where that was pressed */
  readonly onSubmit: (data: FormData) => Promise<unknown>;
  readonly onClose: () => void;
}

/** Asks before something is done; it closes when that is done, and what was refused stands in it. */
export function FormDialog(props: FormDialogProps) {
  const { title, verb, second, wide = false, children, onSubmit, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const { fault, busy, attempt } = useAttempts();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement, event.submitter);
    // Closed by itself, and not by being taken away: the focus goes back to where it came from.
    void attempt(() => onSubmit(data)).then((done) => (done ? dialog.current?.close() : undefined));
  };
  return (
    <dialog
      ref={dialog}
      {...(wide ? { class: "wide" } : {})}
      aria-labelledby="dialog-title"
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <h2 id="dialog-title">{title}</h2>
        {children}
        <Fault text={fault} />
        <div class="row">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          {second === undefined ? null : (
            <button name={second.name} disabled={busy}>
              {second.verb}
            </button>
          )}
          <button class="main" disabled={busy}>
            {verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}
