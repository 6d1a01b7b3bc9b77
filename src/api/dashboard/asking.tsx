/** @jsxImportSource preact */
import { FormDialog, Reason, textOf } from "./forms.tsx";

/** Something that is asked about before it is done. */
export interface Asking {
  readonly title: string;
  /** What the button that does it says. */
  readonly verb: string;
  /** What comes of it, where the title does not say that. */
  readonly text?: string;
  /** Nobody is asked why: no history tells of it. */
  readonly isSilent?: true;
  readonly run: (reason: string) => Promise<unknown>;
}

interface Props {
  readonly asking: Asking | undefined;
  readonly onClose: () => void;
}

/** The dialog of what is asked about, where something is. */
export function AskingDialog({ asking, onClose }: Props) {
  if (asking === undefined) return null;
  const { title, verb, text, isSilent, run } = asking;
  return (
    <FormDialog
      title={title}
      verb={verb}
      onSubmit={(data) => run(textOf(data, "reason"))}
      onClose={onClose}
    >
      {text === undefined ? null : <p>{text}</p>}
      {isSilent === true ? null : <Reason />}
    </FormDialog>
  );
}
