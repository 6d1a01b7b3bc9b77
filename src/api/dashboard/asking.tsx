/** @jsxImportSource preact */
import { FormDialog, Reason, textOf } from "./forms.tsx";

/** Something that is asked about before it is done. */
export interface Asking {
  readonly title: string;
  /** What the button that does it says. */
  readonly verb: string;
  /** What comes of it; without one, it is asked why. */
  readonly text?: string;
  readonly run: (reason: string) => Promise<unknown>;
}

interface Props {
  readonly asking: Asking | undefined;
  readonly onClose: () => void;
}

/** The dialog of what is asked about, where something is. */
export function AskingDialog({ asking, onClose }: Props) {
  if (asking === undefined) return null;
  const { title, verb, text, run } = asking;
  return (
    <FormDialog
      title={title}
      verb={verb}
      onSubmit={(data) => run(textOf(data, "reason"))}
      onClose={onClose}
    >
      {text === undefined ? <Reason /> : <p>{text}</p>}
    </FormDialog>
  );
}
